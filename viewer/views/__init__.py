"""Pages of the viewer, and the layout parts they share. Layout only: figures come from `data`."""
