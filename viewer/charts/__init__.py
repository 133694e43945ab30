"""Charts as Vega-Lite specifications: plain dictionaries, drawn in the browser."""
