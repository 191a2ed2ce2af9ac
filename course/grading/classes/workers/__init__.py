"""Who grades: processes on this machine, or on a Dask cluster."""
