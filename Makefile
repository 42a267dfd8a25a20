# Shorthand where make is at hand; the scripts need nothing but sh and Python 3.11.
.PHONY: run test
run:
	scripts/run
test:
	scripts/test
