// Downloads the chart above a button as a picture that tells by itself what it shows. No tag may
// stand in here: Streamlit leaves out scripts that have any.
(() => {
  if (window.heliosPictures) return;
  window.heliosPictures = true;
  const HEAD = 100, LEAST_WIDTH = 760;
  document.addEventListener("click", (event) => {
    const format = event.target.closest?.("[data-picture]")?.dataset.picture;
    const plot = format && event.target.closest("[class*='st-key-chart_']:has(.js-plotly-plot)")
      ?.querySelector(".js-plotly-plot");
    if (!plot) return;
    const { title, notes, file } = plot.layout.meta;
    const margin = { ...plot.layout.template.layout.margin, ...plot.layout.margin };
    const size = {
      width: Math.max(plot.layout.width, LEAST_WIDTH), height: plot.layout.height + HEAD,
    };
    const layout = {
      ...plot.layout, ...size,
      margin: { ...margin, t: margin.t + HEAD },
      title: {
        text: title, font: { size: 16, weight: 600 }, subtitle: { text: notes, font: { size: 11 } },
        x: 0, xref: "container", y: 1, yref: "container", yanchor: "top", pad: { l: 10, t: 14 },
      },
    };
    Plotly.downloadImage(
      { data: plot.data, layout }, { ...size, format, filename: file, scale: 2 },
    );
  });
})();
