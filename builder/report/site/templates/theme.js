// Before the first paint, so that nothing flashes: the theme that was chosen, else the system's own.
"use strict";
(() => {
  const root = document.documentElement;
  const stored = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  // The first answer may keep a browser that starts waiting, so it is asked for with the first frame, before it is drawn.
  requestAnimationFrame(() => { if (stored()) root.style.colorScheme = stored(); });
  document.addEventListener("DOMContentLoaded", () => {
    document.getElementById("theme").addEventListener("click", () => {
      const dark = root.style.colorScheme
        ? root.style.colorScheme === "dark"
        : matchMedia("(prefers-color-scheme: dark)").matches;
      root.style.colorScheme = dark ? "light" : "dark";
      try { localStorage.setItem("theme", root.style.colorScheme); } catch { /* it holds for this page only */ }
    });
  });
})();
