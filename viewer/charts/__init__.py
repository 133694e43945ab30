"""Charts as Plotly figures, without a look: `theme.template` gives them one."""
