# Everything is done in .venv, which `setup` makes. `demo` and `test` need nothing before them.
PYTHON ?= python3
BIN := .venv/bin
DEMO ?= demo-run
UPC_SMOKE ?= upc-smoke

.PHONY: setup demo test smoke smoke-upc check consumers ray cloud docs bench soak clean

setup: .venv/.done

.venv/.done: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[local,dev,train]'
	touch $@

# Installs what the demo needs and no more, runs the whole method on the embedded model, shows a pair, writes files.
demo: .venv/.demo
	rm -rf $(DEMO)
	$(BIN)/proutt dialogues examples/demo.jsonl
	$(BIN)/proutt synthesize examples/demo.jsonl --out $(DEMO) --verify-tries 1 || test $$? -eq 1
	$(BIN)/proutt show $(DEMO)
	$(BIN)/proutt export $(DEMO) --to trl-preference --include-unverified
	$(BIN)/proutt export $(DEMO) --to llamafactory-preference --include-unverified --quiet

.venv/.demo: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[local]'
	touch $@

# One more at work than there are processors: tests wait for processes, servers and browsers.
test: setup
	$(BIN)/pytest -n $$($(BIN)/python -c 'import os; print(min(8, os.cpu_count() + 1))') \
	  --dist loadfile --no-loadscope-reorder

# Of the tests: the whole loop on real weights, from pairs to scores (docs/experiments.md); minutes.
smoke: setup
	$(BIN)/pytest tests/experiments/test_smoke.py

# UPC's curriculum on real weights: two iterations with four users (docs/experiments.md). Again: it goes on.
smoke-upc: setup
	$(BIN)/proutt experiment experiments/upc_smoke.yaml --out $(UPC_SMOKE)

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The trainers' own code prepares our exports (docs/exports.md). Each in an environment of its own, torch thrice: minutes.
CONSUMERS := trl llamafactory axolotl
consumers: setup $(CONSUMERS:%=.venv-%/.done)
	$(BIN)/pytest tests/consumers

.venv-%/.done: tests/consumers/requirements-%.txt
	test -x .venv-$*/bin/python || $(PYTHON) -m venv .venv-$*
	.venv-$*/bin/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	.venv-$*/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	test ! -f tests/consumers/no-deps-$*.txt || \
	  .venv-$*/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r tests/consumers/no-deps-$*.txt
	touch $@

# Shards and audits on a Ray cluster of this machine (docs/scale.md), in an environment of its own: 620 MB.
ray: .venv-ray/.done
	.venv-ray/bin/python -m pytest tests/cli/test_engine_ray.py tests/runs/test_ray_servers.py \
	  tests/quality/audit/test_ray_actors.py tests/cli/test_audit.py

.venv-ray/.done: pyproject.toml
	test -x .venv-ray/bin/python || $(PYTHON) -m venv .venv-ray
	.venv-ray/bin/python -m pip install --quiet --disable-pip-version-check -e '.[ray,dev]'
	touch $@

# Inputs and exports on servers of S3's and Google's protocols of this machine (docs/dialogues.md), in an environment of
# its own: 1.4 GB.
cloud: .venv-cloud/.done
	.venv-cloud/bin/python -m pytest tests/cloud

.venv-cloud/.done: pyproject.toml tests/cloud/requirements.txt
	test -x .venv-cloud/bin/python || $(PYTHON) -m venv .venv-cloud
	.venv-cloud/bin/python -m pip install --quiet --disable-pip-version-check -e '.[cloud,dev]' -r tests/cloud/requirements.txt
	touch $@

docs: setup
	$(BIN)/python docs/generate.py

bench: setup
	$(BIN)/python benchmarks/embedded_judgement.py measure

# Disturbs thousands of runs, then one of a million calls (docs/reliability.md): two hours, and 4 GB of disk for a while.
soak: setup
	$(BIN)/python benchmarks/soak.py --out docs/reliability-results.json
	$(BIN)/python benchmarks/growth.py 220000 --out docs/reliability-growth.json

clean:
	rm -rf .venv .venv-ray .venv-cloud $(CONSUMERS:%=.venv-%) $(DEMO) dist build
