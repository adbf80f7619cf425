FROM python:3.11.14-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PINCITE_HOME=/data

RUN useradd --uid 10001 --create-home pincite && install --directory --owner=pincite /data \
    && touch /etc/pincite-container

# Dependencies first: they change seldom, and this layer is the large one.
WORKDIR /src
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock

COPY pyproject.toml README.md LICENSE NOTICE ./
COPY ingest ingest
COPY rag rag
COPY ui ui
COPY evals evals
COPY models models
RUN pip install --no-deps .

USER pincite
WORKDIR /home/pincite
VOLUME /data
EXPOSE 8000

HEALTHCHECK --interval=30s --timeout=5s --start-period=90s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/', timeout=4)"]

# The chat has no sign-in and listens on loopback only, but for one case: in this image, which the file below
# tells it, it may listen on all addresses of the container's own network, or nothing could be published. Who
# reaches it is then decided by what is published: publish it to this machine only, under the same port, as in
# `docker run -p 127.0.0.1:8000:8000`.
ENTRYPOINT ["pincite"]
CMD ["chat", "--host", "0.0.0.0", "--headless"]
