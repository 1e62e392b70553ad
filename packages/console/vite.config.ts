import react from "@vitejs/plugin-react";
import { defaultClientConditions, defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // Relative, so that the page also works under a path prefix.
  base: "./",
  resolve: { conditions: ["@anywire/source", ...defaultClientConditions] },
  build: {
    outDir: "../server/public",
    emptyOutDir: true,
    // The page's policy allows no inline data, and every browser that runs this page preloads modules.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      "/connection": { target: "http://127.0.0.1:4000", ws: true },
      "/emulation": "http://127.0.0.1:4000",
      "/dev": "http://127.0.0.1:4000",
      "/docs": "http://127.0.0.1:4000",
      "/v1": "http://127.0.0.1:4000",
    },
  },
});
