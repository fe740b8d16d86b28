/**
 * The body of a request as text, read no further than it may go.
 * @returns null when there is more
 */
export async function readText(request: Request, maximumBytes: number): Promise<string | null> {
  if (Number(request.headers.get('content-length') ?? 0) > maximumBytes) return null
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > maximumBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
