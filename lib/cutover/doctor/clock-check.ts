import { type Check, ok, problem, unchecked } from './finding'
import type { Services } from './service'

/** The app accepts a token that is up to five seconds early. The header `Date` is exact to a second. In milliseconds. */
const tolerance = 6_000

/** Compares our clock with the clocks of the services that the other checks have asked. Run it after them. */
export const clockCheck = ({ clocks }: Services): Check => ({
  code: 'clock',
  run() {
    const [widest] = clocks.toSorted((a, b) => Math.abs(b.skew) - Math.abs(a.skew))
    if (!widest) return unchecked('No service has told its time.')
    const seconds = Math.round(widest.skew / 1_000)
    if (Math.abs(widest.skew) <= tolerance) return ok('It agrees with the clocks of the services.')
    const direction = seconds > 0 ? 'behind' : 'ahead of'
    return problem(
      `The clock of this machine is ${Math.abs(seconds)} s ${direction} that of ${widest.host}.`,
      'The time synchronization (NTP) of the machines that run the app',
    )
  },
})
