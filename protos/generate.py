"""Generate `vasari.proto` from the .proto files beside this script: `make proto`.

protovalidate's own rules come from the installed package's descriptor, so they are always those of the validator
that will read them; no copy of its .proto file is kept.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

from google.protobuf import descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2
from protovalidate._gen.buf.validate import validate_pb

HERE = Path(__file__).parent
TARGET = HERE.parent / "shared" / "vasari" / "proto"
SOURCES = ("vasari/v1/controls.proto", "vasari/v1/jobs.proto")


def rules_descriptor() -> bytes:
    """The FileDescriptorSet of buf/validate/validate.proto and what it imports, as the validator knows them."""
    bundle = descriptor_pb2.FileDescriptorSet()
    for imported in (descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2):
        imported.DESCRIPTOR.CopyToProto(bundle.file.add())
    bundle.file.add().MergeFromString(validate_pb.desc().proto.to_binary())
    return bundle.SerializeToString()


def compiler(rules: Path, protos: Path = HERE) -> list[str | Path]:
    """protoc's command line up to what shall be made, with the rules' descriptor in a file."""
    well_known = files("grpc_tools") / "_proto"
    return [sys.executable, "-m", "grpc_tools.protoc", f"-I{protos}", f"-I{well_known}", f"--descriptor_set_in={rules}"]


def main(target: Path = TARGET) -> None:
    with tempfile.TemporaryDirectory() as folder:
        rules, out = Path(folder, "rules.binpb"), Path(folder, "out")
        rules.write_bytes(rules_descriptor())
        out.mkdir()
        messages = [*compiler(rules), f"--python_out={out}", f"--pyi_out={out}"]
        subprocess.run([*messages, "buf/validate/validate.proto"], check=True)
        plugin = Path(sys.executable).with_name("protoc-gen-mypy_grpc")
        stubs = [f"--grpc_python_out={out}", f"--plugin={plugin}", f"--mypy_grpc_out=quiet:{out}"]
        subprocess.run([*messages, *stubs, *SOURCES], check=True)
        for source in sorted(out.rglob("*.py*")):
            # protoc writes imports relative to the import root; the package lives inside `vasari.proto`.
            text = source.read_text()
            text = re.sub(r"^from buf\.validate import", "from vasari.proto.buf.validate import", text, flags=re.M)
            text = re.sub(r"^from vasari\.v1 import", "from vasari.proto.v1 import", text, flags=re.M)
            relative = source.relative_to(out)
            place = target / (relative.relative_to("vasari") if relative.parts[0] == "vasari" else relative)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
