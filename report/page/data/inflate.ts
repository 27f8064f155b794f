/** The bytes that an element's text holds, compressed and in base64. */
export async function inflate(id: string): Promise<Uint8Array<ArrayBuffer>> {
  const text = atob(document.getElementById(id)?.textContent.trim() ?? "");
  const packed = new Uint8Array(text.length);
  for (let n = 0; n < text.length; n += 1) packed[n] = text.charCodeAt(n);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
