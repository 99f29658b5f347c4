# make setup | run | test | check | bench | protos       (see README.md)
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.PHONY: protos
protos: ## generate the stubs beside the .proto files
	cd protos && ../$(BIN)/python -m grpc_tools.protoc -I. --python_out=. --pyi_out=. --grpc_python_out=. vitrine/v1/*.proto
