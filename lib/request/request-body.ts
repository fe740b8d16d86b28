/**
 * Reads the body of a request as text. Stops at the limit, so that a long body cannot fill the memory.
 * @returns null when the body is longer than the limit
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
