/** Asks only once, and gives each caller the same answer. Several checks judge one answer of a service. */
export function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined
  return () => {
    answer ??= ask()
    return answer
  }
}
