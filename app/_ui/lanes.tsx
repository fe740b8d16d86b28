/*
 * Diagrams of sessions (dots) on lanes (lines). The legacy lane is the upper one with square dots, the Stytch
 * lane the lower one with round dots. Position and shape tell them apart for users who cannot see the colour.
 */

/** One session moves from the legacy lane to the Stytch lane. The labels are HTML, so they keep their size on a phone. */
export function CrossoverDiagram({ legacyName }: { legacyName: string }) {
  return (
    <figure className="relative">
      <figcaption className="sr-only">
        A session starts on the legacy lane. On the next page view it is migrated to the Stytch lane
        and continues there.
      </figcaption>
      <p className="font-semibold text-sm">
        Legacy lane <span className="font-normal text-quiet">{legacyName}</span>
      </p>
      <svg viewBox="0 0 720 144" fill="none" aria-hidden="true" className="my-3 h-auto w-full">
        <g strokeLinecap="round" strokeWidth="6">
          <path d="M4 124H316" className="stroke-line" />
          <path d="M404 20H716" className="stroke-line" strokeDasharray="1 15" />
          <path d="M4 20H236C290 20 312 44 336 72" className="stroke-legacy-line" />
          <path d="M336 72C360 100 382 124 436 124H716" className="stroke-stytch-line" />
        </g>
        <g className="stroke-paper" strokeWidth="4">
          {[64, 152].map((x) => (
            <rect key={x} x={x} y="10" width="20" height="20" rx="3" className="fill-legacy-line" />
          ))}
          {[520, 640].map((x) => (
            <circle key={x} cx={x} cy="124" r="11" className="fill-stytch-line" />
          ))}
          <rect x="-11" y="-11" width="22" height="22" className="session-dot" />
          <rect
            x="-11"
            y="-11"
            width="22"
            height="22"
            className="session-dot session-dot-migrating"
          />
        </g>
      </svg>
      <p className="text-right font-semibold text-sm">Stytch lane</p>
      <p className="absolute top-1/2 left-[53%] -translate-y-1/2 text-quiet text-sm max-sm:hidden">
        next page view
      </p>
    </figure>
  )
}

export type Option = 'before-the-migration' | 'zero-downtime' | 'all-at-once' | 'rolling'

const upper = 16
const lower = 48

/** Sketch of one option of the migration guide, with four sessions. Decorative: the text beside it says the same. */
export function OptionSketch({ option }: { option: Option }) {
  return (
    <svg
      viewBox="0 0 200 64"
      fill="none"
      aria-hidden="true"
      className="h-auto w-40 shrink-0 sm:w-44"
    >
      <g strokeWidth="4" strokeLinecap="round">
        {option === 'before-the-migration' && (
          <>
            <path d={`M6 ${upper}H194`} className="stroke-legacy-line" />
            <path d={`M6 ${lower}H194`} className="stroke-line" />
          </>
        )}
        {option === 'zero-downtime' && (
          <>
            <path d={`M6 ${lower}H86M114 ${upper}H194`} className="stroke-line" />
            <path d={`M6 ${upper}H62C84 ${upper} 90 24 100 32`} className="stroke-legacy-line" />
            <path
              d={`M100 32C110 40 116 ${lower} 138 ${lower}H194`}
              className="stroke-stytch-line"
            />
          </>
        )}
        {option === 'all-at-once' && (
          <>
            <path d={`M6 ${lower}H86M126 ${upper}H194`} className="stroke-line" />
            <path d={`M6 ${upper}H94`} className="stroke-legacy-line" />
            <path
              d={`M100 6V58`}
              className="stroke-line-strong"
              strokeWidth="2"
              strokeDasharray="2 5"
            />
            <path d={`M106 ${lower}H194`} className="stroke-stytch-line" />
          </>
        )}
        {option === 'rolling' && (
          <>
            <path d={`M6 ${lower}H86`} className="stroke-line" />
            <path d={`M6 ${upper}H194`} className="stroke-legacy-line" />
            <path
              d={`M100 32C110 40 116 ${lower} 138 ${lower}H194`}
              className="stroke-stytch-line"
            />
            <path d={`M62 ${upper}C84 ${upper} 90 24 100 32`} className="stroke-legacy-line" />
          </>
        )}
      </g>
      <g className="stroke-surface" strokeWidth="2">
        {[24, 46].map((x) => (
          <Dot key={x} x={x} y={upper} />
        ))}
        {option === 'before-the-migration' &&
          [150, 172].map((x) => <Dot key={x} x={x} y={upper} />)}
        {option === 'rolling' && <Dot x={172} y={upper} />}
        {option !== 'before-the-migration' &&
          (option === 'rolling' ? [172] : [150, 172]).map((x) => <Dot key={x} x={x} y={lower} />)}
      </g>
    </svg>
  )
}

function Dot({ x, y }: { x: number; y: number }) {
  return y === upper ? (
    <rect x={x - 6} y={y - 6} width="12" height="12" rx="2.5" className="fill-legacy-line" />
  ) : (
    <circle cx={x} cy={y} r="6.5" className="fill-stytch-line" />
  )
}

/** The current lane of one session. Decorative: the lane badge beside it says the same. */
export function LaneTrack({ lane }: { lane: 'stytch' | 'legacy' }) {
  const isLegacy = lane === 'legacy'
  return (
    <svg viewBox="0 0 320 56" fill="none" aria-hidden="true" className="h-auto w-full">
      <g strokeWidth="4" strokeLinecap="round">
        <path d="M122 14c28 2 40 28 76 30" className="stroke-line" strokeDasharray="1 8" />
        <path d="M6 12H314" className={isLegacy ? 'stroke-legacy-line' : 'stroke-line'} />
        <path d="M6 44H314" className={isLegacy ? 'stroke-line' : 'stroke-stytch-line'} />
      </g>
      <rect
        x="-8"
        y="-8"
        width="16"
        height="16"
        strokeWidth="3"
        style={isLegacy ? { translate: '70px 12px', rx: 3 } : { translate: '250px 44px', rx: 8 }}
        className={`track-dot stroke-surface ${isLegacy ? 'fill-legacy-line' : 'fill-stytch-line'}`}
      />
    </svg>
  )
}
