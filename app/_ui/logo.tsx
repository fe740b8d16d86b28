/** The logo. Decorative: the name of the app is beside it. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 20" fill="none" aria-hidden="true" className={className}>
      <g strokeWidth="3" strokeLinecap="round">
        <path d="M22 4h8M2 16h8" className="stroke-line-strong opacity-60" />
        <path d="M2 4h6.5c4 0 5.5 2.5 7.5 6" className="stroke-legacy-line" />
        <path d="M16 10c2 3.5 3.5 6 7.5 6H30" className="stroke-stytch-line" />
      </g>
    </svg>
  )
}
