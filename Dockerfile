FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY simulator simulator
COPY scenarios scenarios
# the same steps as `make install`, into a place of their own
RUN python -m venv /opt/carrier-sim \
 && /opt/carrier-sim/bin/python -m pip install --quiet --disable-pip-version-check --no-cache-dir .

FROM python:3.12-slim
COPY --from=build /opt/carrier-sim /opt/carrier-sim
RUN useradd --create-home --uid 10001 carrier
USER carrier
WORKDIR /home/carrier
ENV PATH=/opt/carrier-sim/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    CARRIER_SIM_HOST=0.0.0.0
EXPOSE 8080 2775
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ.get('CARRIER_SIM_HTTP_PORT', '8080') + '/api/v1/lisoloo/sms-api/health', timeout=2)"]
ENTRYPOINT ["carrier-sim"]
CMD ["serve"]
