// Codes frames as JPEG away from the page: there a browser waits for idle time to do it.

const canvas = new OffscreenCanvas(1, 1);
const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });

self.addEventListener("message", async ({ data: { id, picture, width, height, quality } }) => {
  canvas.width = width;
  canvas.height = height;
  context.imageSmoothingQuality = "medium";
  context.drawImage(picture, 0, 0, width, height);
  picture.close();
  try {
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality });
    const bytes = await blob.arrayBuffer();
    self.postMessage({ id, bytes }, [bytes]);
  } catch (error) {
    self.postMessage({ id, error: error.message });
  }
});
