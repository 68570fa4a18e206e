"""``chainrule data``: fetch and verify the data sets."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from chainrule.data import CIFAR10, FASHION_MNIST, DataError, data_folder
from chainrule.data.correspondences import load_correspondences
from chainrule.data.download import Patience
from chainrule.data.iris import read_iris
from chainrule.data.store import Store

IMAGE_SETS = {image_set.spec.name: image_set for image_set in (CIFAR10, FASHION_MNIST)}
NAMES = (*IMAGE_SETS, "iris", "correspondences")


@dataclass(frozen=True)
class Row:
    """What is known about one data set."""

    name: str
    state: str
    holds: str
    where: str
    good: bool = True


def command(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help=f"{', '.join(NAMES)}; all if none is given."),
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option("--cache", help="The data folder, instead of CHAINRULE_DATA.", metavar="DIR"),
    ] = None,
    local: Annotated[
        list[Path] | None,
        typer.Option("--from", help="A folder with files fetched by hand.", metavar="DIR"),
    ] = None,
    listing: Annotated[
        bool, typer.Option("--list", help="Show what is there; fetch nothing.")
    ] = False,
    patient: Annotated[
        bool, typer.Option("--patient", help="Wait for a host that crawls.")
    ] = False,
) -> None:
    """Fetch and verify the data sets.

    What is in the data folder already is hashed anew; what is damaged is fetched again.
    The command ends with 0 if all is verified, with 1 if something could not be had, and
    with 2 if a name is unknown.
    """
    chosen = [_known(name) for name in names or NAMES]
    console = Console()
    root = data_folder(cache)

    def tell(text: str) -> None:
        console.print(text, markup=False, highlight=False)

    if listing:
        rows = [_listed(name, root, tell) for name in chosen]
    else:
        patience = Patience(min_speed=0) if patient else Patience()
        options = {"folder": root, "local": local or (), "patience": patience, "tell": tell}
        rows = [_fetched(name, options) for name in chosen]
    console.print(_table(rows, root))
    if not listing and not all(row.good for row in rows):
        raise typer.Exit(1)


def _known(name: str) -> str:
    plain = name.lower().replace("_", "-")
    plain = {"cifar-10": "cifar10", "fashionmnist": "fashion-mnist"}.get(plain, plain)
    if plain not in NAMES:
        raise typer.BadParameter(f"{name!r} is no data set; there are {', '.join(NAMES)}")
    return plain


def _listed(name: str, root: Path, tell) -> Row:
    if name not in IMAGE_SETS:
        return _small(name)
    image_set = IMAGE_SETS[name]
    store = Store(image_set.spec, root)
    if store.ready(tell):
        return Row(name, "verified", _size(store), str(store.folder))
    return Row(name, "not fetched", _subset(image_set), f"chainrule data {name}", good=False)


def _fetched(name: str, options: dict) -> Row:
    if name not in IMAGE_SETS:
        return _small(name)
    image_set = IMAGE_SETS[name]
    try:
        data = image_set.open("full", again=True, **options)
    except DataError as error:
        options["tell"](str(error))
        return Row(name, "not to be had", _subset(image_set), "see above", good=False)
    return Row(name, "verified", _size(Store(image_set.spec, options["folder"])), data.where)


def _small(name: str) -> Row:
    try:
        if name == "iris":
            return Row(name, "verified", f"{len(read_iris()[1])} flowers", "ships with chainrule")
        count = len(load_correspondences()[0])
    except DataError as error:
        return Row(name, "damaged", str(error), "ships with chainrule", good=False)
    return Row(name, "made", f"{count:,} pairs of points", "made from a seed")


def _subset(image_set) -> str:
    try:
        data = image_set.open("subset")
    except DataError as error:
        return str(error)
    train, test = len(data.train_labels), len(data.test_labels)
    return f"only the bundled subset: {train:,} + {test:,} images"


def _size(store: Store) -> str:
    train, test = (array.shape[0] for array in store.spec.arrays[::2])
    return f"{train:,} + {test:,} images, {store.nbytes() / 1e6:.0f} MB"


def _table(rows: list[Row], root: Path) -> Table:
    table = Table(title=f"Data sets in {root}", title_justify="left")
    for heading in ("name", "state", "holds", "where"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        colour = "green" if row.good else "yellow"
        table.add_row(row.name, f"[{colour}]{row.state}[/]", row.holds, row.where)
    return table
