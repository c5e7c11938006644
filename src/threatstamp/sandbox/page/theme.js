// Sets light or dark before the first paint, if the reader has chosen one.
(() => {
  const chosen = localStorage.getItem("threatstamp.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();
