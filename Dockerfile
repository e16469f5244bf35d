# One image, three commands:
#
#   docker run -v ./content:/content:ro -v feedsvc:/data -p 8000:8000 feedsvc            web and publisher (`serve`)
#   docker run … feedsvc web            web workers only
#   docker run … feedsvc publisher      the publisher only; give it `--health-cmd "feedsvc status || [ $? -eq 1 ]"`
#
# /content is only read: mount it `:ro`. /data holds the database and the operator's token. Settings: FEEDSVC_*.

FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /opt/feedsvc
COPY requirements.lock ./
RUN /opt/feedsvc/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY feedsvc feedsvc
RUN /opt/feedsvc/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin feedsvc \
 && install -d -o feedsvc -g feedsvc -m 0750 /data \
 && install -d /content
COPY --from=build /opt/feedsvc /opt/feedsvc
COPY wsgi.py gunicorn.conf.py /app/
ENV PATH=/opt/feedsvc/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    FEEDSVC_CONTENT__ROOTS='["/content"]' \
    FEEDSVC_DATA_DIR=/data \
    FEEDSVC_SERVER__HOST=0.0.0.0
WORKDIR /app
USER 10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ.get('FEEDSVC_SERVER__PORT', '8000') + '/readyz', timeout=4)"]
ENTRYPOINT ["feedsvc"]
CMD ["serve"]
