export type CircuitState = 'closed' | 'open' | 'half_open'

type Options = {
  /** Answers whether the database is back. Rejects if not. */
  probe: () => Promise<unknown>
  /** Time-outs in a row that open the circuit. */
  threshold?: number
  pauseMilliseconds?: number
  /** A failure that took longer is a time-out. A refused connection fails at once, and delays nobody. */
  slowMilliseconds?: number
  /** In milliseconds. */
  clock?: () => number
  after?: (milliseconds: number, work: () => void) => void
  /** Whether the server answered with this error, such as the violation of a constraint. */
  isAnswer: (error: unknown) => boolean
  onChange?: (state: CircuitState) => void
}

/**
 * A circuit breaker. After some time-outs in a row it opens, and callers fail at once instead of waiting for the next
 * time-out. A library would let a caller's request be the probe, and that caller would wait. Here a probe in the
 * background closes the circuit.
 */
export function createCircuitBreaker({
  probe,
  threshold = 3,
  pauseMilliseconds = 2_000,
  slowMilliseconds = 1_000,
  clock = Date.now,
  after = (milliseconds, work) => {
    setTimeout(work, milliseconds).unref()
  },
  isAnswer,
  onChange,
}: Options) {
  let state: CircuitState = 'closed'
  let timeouts = 0

  function change(next: CircuitState): void {
    if (state === next) return
    state = next
    onChange?.(next)
  }
  function close(): void {
    timeouts = 0
    change('closed')
  }
  function pause(): void {
    change('open')
    after(pauseMilliseconds, () => {
      // A call that began before the circuit opened may have closed it.
      if (state !== 'open') return
      change('half_open')
      probe().then(close, (error: unknown) => (isAnswer(error) ? close() : pause()))
    })
  }

  return {
    get state() {
      return state
    },
    /** Counts how a call ends. Returns the call itself. */
    watch<T>(call: Promise<T>): Promise<T> {
      const started = clock()
      call.then(close, (error: unknown) => {
        if (isAnswer(error)) return close()
        if (clock() - started < slowMilliseconds) return
        timeouts += 1
        if (state === 'closed' && timeouts >= threshold) pause()
      })
      return call
    },
  }
}
