# The viewer and the build in one image: see docs/deploy.md.
FROM python:3.12-slim

WORKDIR /helios
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . .

# Exports come in at /data/raw; all that is written goes to /data/warehouse.
ENV HELIOS_RAW=/data/raw \
    HELIOS_WAREHOUSE=/data/warehouse \
    DBT_TARGET_PATH=/data/warehouse/target \
    DBT_LOG_PATH=/data/warehouse/logs \
    HELIOS_UPLOADS=off \
    PYTHONDONTWRITEBYTECODE=1
RUN useradd --create-home helios && mkdir -p /data/raw /data/warehouse && chown -R helios /data
USER helios
VOLUME /data/warehouse

EXPOSE 8501
HEALTHCHECK CMD python -c "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=5)"
CMD ["streamlit", "run", "viewer/app.py", "--server.address=0.0.0.0", "--server.headless=true"]
