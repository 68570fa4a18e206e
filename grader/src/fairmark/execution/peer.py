"""The conversation of the two processes: one asks, the other answers, in turn.

While it answers, a side may ask in its turn. `values` tells what crosses and how,
`handles` who holds what, `operations` what can be asked for.

A message is a head and a body. The head tells what it is (``?`` a question, ``=`` an
answer, ``!`` an exception), what its side lets go of, what has changed in shared arrays,
what the student's code has printed, and the student's lines in an exception. Messages of
numbers alone have a form of their own, see `short_form`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from types import TracebackType

from . import short_form
from .arrays import LARGEST
from .batch import Results
from .errors import NOT_DATA, ChannelError, Closed, Lost, NotData, Raised
from .handles import Draft, Handles
from .link import Link
from .named import Classes
from .operations import action_of, too_deep
from .seeds import Seeds
from .stand_in import StandIn
from .student_errors import attributes_of, checked, described, raised
from .values import Inline, Outline
from .wire import Args, Reader, Writer, a_list, a_tuple, pack, unpack
from .write_back import Frame

#: Calls within calls, back and forth.
_DEEPEST = 30
#: The most sentences that are kept about what did not cross.
_MOST_HINDRANCES = 20


class Peer:
    """One end of the channel.

    Parameters
    ----------
    link : Link
        To the other end.
    trusted : bool
        True on the student's side: what comes in is the checks', and may do anything.
        False on the checks' side.
    printed : callable, optional
        Returns what was printed since the last call of it, as (name, text) pairs, and
        forgets it.
    has_printed : callable, optional
        Tells whether there is something of that kind.
    show : callable, optional
        Gets such pairs from the other side.
    source_of : callable, optional
        Gets the path of a stand-in (``f1``, ``Net.forward``) and returns its source, or None.
    frames_of : callable, optional
        Gets a traceback and returns the student's lines in it.
    files : callable, optional
        On the student's side: returns the files that a call has written, and the names of
        those that it has deleted, or None.
    named_files : callable, optional
        On the checks' side: gets the arguments of a call, and returns the files among those
        that this side has written which they name.
    take_files : callable, optional
        Gets files and names from the other side.
    seeds : Seeds, optional
        On the checks' side: the generators that the other side is to follow.

    Attributes
    ----------
    handles : Handles
        What this side holds of what both know.
    namespace : dict
        On the student's side: the names that checks may use.
    classes : Classes
        What named tuples and enumerations are made again with.
    error_classes : dict
        The classes of exceptions that were made anew here, each to its stand-in.
    open_classes : frozenset of str
        On the checks' side: classes that are themselves the task of a check, see `operators`.
    told : set of int
        Numbers of the objects that an operator has told data of the check.
    lost, broken : bool
        Whether the other side has ended; whether it has broken the rules.
    hindrances : list of str
        What did not cross as it is, in sentences: a check that fails after one of them may
        fail for the way it is judged. Whoever reads them clears them.
    """

    def __init__(
        self,
        link: Link,
        *,
        trusted: bool,
        printed: Callable[[], list[tuple[str, str]]] | None = None,
        has_printed: Callable[[], bool] | None = None,
        show: Callable[[list[object]], None] | None = None,
        source_of: Callable[[str], str | None] | None = None,
        frames_of: Callable[[TracebackType | None], list[str]] | None = None,
        seeds: Seeds | None = None,
        files: Callable[[], tuple[dict[str, bytes], list[str]] | None] | None = None,
        named_files: Callable[[object], dict[str, bytes]] | None = None,
        take_files: Callable[[object, object], None] | None = None,
    ):
        self.link = link
        self.trusted = trusted
        self.source_of = source_of or (lambda path: None)
        self._printed = printed or (lambda: [])
        self._has_printed = has_printed or (lambda: bool(printed))
        self._show = show or (lambda pieces: None)
        self._frames_of = frames_of or (lambda trace: [])
        self._seeds = seeds or Seeds()
        self._files = files or (lambda: None)
        self._named_files = named_files or (lambda arguments: {})
        self.take_files = take_files or (lambda files, gone: None)
        self.handles = Handles(trusted)
        self.namespace: dict[str, object] = {}
        self.classes = Classes(self)
        self.error_classes: dict[type, StandIn] = {}
        self.open_classes: frozenset[str] = frozenset()
        self.told: set[int] = set()
        self.lost = self.broken = False
        self.hindrances: list[str] = []
        self._depth = 0
        self._writing = False
        #: Threads of a check may call at the same time; one has the channel after the other.
        self._turn = threading.RLock()

    def hinder(self, what: str) -> None:
        """Note what did not cross as it is; each sentence once, and not too many."""
        if len(self.hindrances) < _MOST_HINDRANCES and what not in self.hindrances:
            self.hindrances.append(what)

    # -- asking -----------------------------------------------------------
    def ask(self, operation: str, arguments: Args, path: str = "") -> object:
        """Let the other side do something, and return what it returns.

        Raises
        ------
        Lost
            When the other side has gone.
        NotData
            When an argument cannot be handed over.
        Exception
            What it raised there.
        """
        return self._ask(lambda frame: self._send("?", (operation, arguments), frame), path)

    def call(self, number: int, args: Args, kwargs: dict[str, object], path: str) -> object:
        """Call an object of the other side; raises as `ask` does."""
        files = self._named_files((args, kwargs))
        if files:
            self.ask("files", (files, []))
        short = None if kwargs or not self.handles.quiet else short_form.call(number, args)
        if short is None:
            return self.ask("call", (number, args, kwargs), path)
        return self._ask(lambda frame: self.link.send(short), path)

    def call_each(
        self, number: int, rows: list[Args], then: Callable[[object], object], path: str
    ) -> list[object]:
        """Call an object once for each row of arguments, which go across as copies."""
        found: list[object] = []
        for start in range(0, len(rows), short_form.MOST_ROWS):
            part = rows[start : start + short_form.MOST_ROWS]
            found += map(then, self._call_some(number, part, path))
        return found

    def _call_some(self, number: int, rows: list[Args], path: str) -> list[object]:
        short = short_form.calls(number, rows) if self.handles.quiet else None
        draft = Draft(self.handles)

        def send(frame: Frame) -> None:
            if short is not None:
                self.link.send(short)
            else:
                body = ("each", (number, self.copied(rows, draft)))
                self._send("?", body, frame, draft=draft)

        found = self._ask(send, path, many=True)
        try:
            # In the long form, each result was written down for itself.
            results = found.values if type(found) is _Answers else a_list(found)
            if len(results) != len(rows):
                raise ChannelError("another number of results")
            return results if type(found) is _Answers else [self.uncopied(one) for one in results]
        except ChannelError as error:
            raise self._lose(error) from None

    def copied(self, value: object, draft: Draft) -> bytes:
        """Write a value whose arrays and containers are copies that nobody follows."""
        return Writer(Outline(self, draft, None)).dumps(value)

    def _new_frame(self) -> Frame:
        return Frame(lambda told: self.copied(told, Draft(self.handles)))

    def uncopied(self, data: object) -> object:
        """Read what `copied` wrote."""
        if not isinstance(data, bytes):
            raise ChannelError("a message of an unknown form")
        inline = Inline(self, None)
        return Reader(inline, own_class=inline.own_class).loads(data)

    def _ask(self, send: Callable[[Frame], None], path: str, many: bool = False) -> object:
        """Send a question, answer what the other side asks meanwhile, return its answer."""
        with self._turn:
            return self._ask_in_turn(send, path, many)

    def _ask_in_turn(self, send: Callable[[Frame], None], path: str, many: bool) -> object:
        if self.lost:
            raise Lost("the student's process has ended")
        if self._writing:
            raise RuntimeError("nothing can be called while a value is being handed over")
        self.tell_seeds()
        frame = self._new_frame()
        self._depth += 1
        try:
            send(frame)
            frame.sent()
            while True:
                kind, body, asked, printed, lines = self._receive(frame, path)
                if printed:
                    self._show(printed)
                if kind == "?":
                    self._answer(body, asked)
                elif kind == "=":
                    result, changed = a_tuple(body, 2)
                    frame.follow(changed)
                    return result
                elif kind == "+" and many:
                    return _Answers(a_list(body))
                elif kind == "!":
                    lineage, text, args, more, origin, changed = a_tuple(body, 6)
                    frame.follow(changed)
                    if checked(lineage)[0][0] == NOT_DATA:
                        self.hinder(f"what the student's code returned does not cross: {text}")
                    # Not kept under a name here: with its traceback it would hold itself.
                    raise raised(
                        lineage, text, a_list(args), more, lines, origin, self.namespace.get
                    )
                else:
                    raise ChannelError("unknown kind of message")
        except ChannelError as broken:
            raise self._lose(broken) from None
        finally:
            self._depth -= 1

    def tell_seeds(self) -> None:
        """Let the other side's generators follow those that were seeded here; raises as `ask`."""
        states = self._seeds.news()
        if states:
            self.ask("seed", (states,))

    def _lose(self, error: ChannelError) -> Lost:
        self.lost, self.broken = True, not isinstance(error, Closed)
        if self.broken:
            self.hinder(f"a message of the student's process was refused: {error}")
        how = "broken the rules" if self.broken else "ended"
        return Lost(f"the student's process has {how} ({error})")

    # -- answering --------------------------------------------------------
    def serve_one(self) -> None:
        """Wait for a request and answer it."""
        kind, body, asked, _, _ = self._receive(self._new_frame(), "")
        if kind != "?":
            raise ChannelError("an answer without a question")
        self._answer(body, asked)

    def _answer(self, request: object, frame: Frame) -> None:
        operation, arguments = a_tuple(request, 2)
        action = action_of(operation, self.trusted)
        if self._depth > _DEEPEST:
            action = too_deep
        frame.remember()
        self._depth += 1
        try:
            try:
                result = action(self, *a_tuple(arguments))
            finally:
                self._hand_over_files()
            reply = result, frame.changed()
        except (Lost, ChannelError):
            raise
        except BaseException as error:  # noqa: BLE001  (whatever it is, the asker gets it)
            self._reply_error(error, frame)
        else:
            self._reply(*reply, frame)
        finally:
            self._depth -= 1

    def _hand_over_files(self) -> None:
        """Hand over what a call has written, before its answer."""
        news = self._files()
        if news is not None:
            self.ask("files", news)

    def _reply(self, result: object, changed: list[tuple[int, list[object]]], frame: Frame) -> None:
        """Send an answer, in the short form where it is numbers and nothing else is to tell."""
        try:
            short = None
            if not changed and self.handles.quiet:
                short = result.in_short() if type(result) is Results else short_form.answer(result)
            if short is not None and not self._has_printed():
                self.link.send(short)
            elif type(result) is Results:
                self._send("=", (result.as_data(), changed), frame, draft=result.draft)
            else:
                self._send("=", (result, changed), frame)
        except ChannelError:
            raise
        except Exception as error:  # noqa: BLE001  (a student's class may raise anything here)
            # It is no data, lies about its class, or is too large. Nothing was sent yet.
            self._send("!", (*described(error), {}, None, []), frame)

    def _reply_error(self, error: BaseException, frame: Frame) -> None:
        lines = self._frames_of(error.__traceback__)
        # Not by assignment: the class may allow none.
        BaseException.with_traceback(error, None)
        origin = vars(error).get("fairmark_origin")
        if origin is None and self._depth > 1 and isinstance(error, Exception):
            # Code of this side has called what raises, and may be waiting to catch it.
            origin = Raised(error)
        try:
            told, changed = described(error), frame.changed()
            if not self._send_in_full(error, (told, origin, changed), frame, lines):
                self._send("!", (*told, {}, origin, changed), frame, lines)
        except ChannelError:
            raise
        except Exception as refused:  # noqa: BLE001  (as in `_reply`)
            self._send("!", (*described(refused), {}, None, []), frame, lines)

    def _send_in_full(
        self,
        error: BaseException,
        body: tuple[tuple[object, ...], object, object],
        frame: Frame,
        lines: Sequence[str],
    ) -> bool:
        """Send an exception with what it holds; tell whether that crosses."""
        told, origin, changed = body
        try:
            self._send("!", (*told, attributes_of(error), origin, changed), frame, lines)
        except ChannelError:
            raise
        except Exception:  # noqa: BLE001  (as in `_reply`; the exception itself still crosses)
            return False
        return True

    # -- messages ---------------------------------------------------------
    def _send(
        self,
        kind: str,
        body: object,
        frame: Frame,
        lines: Sequence[str] = (),
        draft: Draft | None = None,
    ) -> None:
        """Send a message; where it cannot be written whole, nothing has happened."""
        draft = draft or Draft(self.handles)
        known = len(frame.containers)
        self._writing = True
        try:
            data = Writer(Outline(self, draft, frame, kind == "?")).dumps(body)
        except NotData as error:
            frame.forget(known)
            self.hinder(f"what the check hands over does not cross: {error}")
            raise
        except BaseException:
            frame.forget(known)
            raise
        finally:
            self._writing = False
        news = self.handles.news()
        if len(data) + sum(len(change[-1]) for change in news.changed) > LARGEST:
            frame.forget(known)
            raise NotData(f"more than {LARGEST >> 20} MB cannot be handed over at once")
        self.handles.count(draft, news)
        head = pack((kind, news.released, news.changed, self._printed(), list(lines)))
        self.link.send(len(head).to_bytes(4, "little") + head + data)

    def _receive(
        self, frame: Frame, path: str
    ) -> tuple[str, object, Frame, list[object], list[object]]:
        """Read a message.

        Returns its kind, its body, the containers that it refers to, what was printed, and
        the student's lines.
        """
        data = self.link.receive()
        if data[:4] == short_form.SHORT:
            kind, body = short_form.read(data)
            if kind == "?":
                return kind, body, self._new_frame(), [], []
            return kind, (body, []) if kind == "=" else body, frame, [], []
        size = int.from_bytes(data[:4], "little")
        if len(data) < 4 or size > len(data) - 4:
            raise ChannelError("a message ends too early")
        sign, released, changed, printed, lines = a_tuple(unpack(data[4 : 4 + size]), 5)
        if not isinstance(sign, str):
            raise ChannelError("unknown kind of message")
        self.handles.take_in_news(a_list(released), a_list(changed))
        # The containers of a question are numbered; an answer refers to those of its question.
        asked = self._new_frame() if sign == "?" else frame
        inline = Inline(self, asked, path, sign == "?")
        reader = Reader(inline, asked.add, inline.own_class)
        body = reader.loads(data[4 + size :])
        return sign, body, asked, a_list(printed), a_list(lines)


class _Answers:
    """The answers to many calls in the short form, on the side that asked."""

    def __init__(self, values: list[object]):
        self.values = values
