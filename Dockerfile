# The media service, as Cloud Run runs it. `make artefacts` starts the same command from the same files without Docker.

# The version of the functions' runtime (infra/terraform/modules/function); a test holds the two together. To pin the
# bytes as well: --build-arg PYTHON=python:3.13.9-slim-bookworm@sha256:<digest>.
ARG PYTHON=python:3.13.9-slim-bookworm

FROM ${PYTHON} AS dependencies
COPY requirements-pip.txt media_service/requirements.txt ./
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# As infra/virtual_environment.py does it: the pinned pip, exactly what is pinned, and a look whether that is all. Into a
# folder of its own, so that what runs has neither pip nor its leftovers.
RUN pip install --no-deps --require-hashes --only-binary :all: --requirement requirements-pip.txt \
 && python -m venv --without-pip /venv \
 && pip --python /venv/bin/python install --no-deps --require-hashes --only-binary :all: --requirement requirements.txt \
 && pip --python /venv/bin/python check

FROM ${PYTHON}
# No byte-compiling at run time (the user cannot write here), and every log line leaves at once.
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
COPY --from=dependencies /venv /venv
WORKDIR /service
COPY calls calls
COPY understanding understanding
COPY media_service media_service
# Compiled now rather than at every start: a new instance is ready sooner.
RUN python -m compileall -q --invalidation-mode unchecked-hash calls understanding media_service \
 && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin maane
# By number, so that whoever runs it can see that it is not root.
USER 10001
EXPOSE 8080
CMD ["python", "-m", "media_service"]
