import { type ReactNode, useId } from 'react'

type Props = {
  /** Heading. It also labels the region for screen readers. */
  title?: string
  /** Content to the right of the heading. */
  aside?: ReactNode
  children: ReactNode
  className?: string
}

export function Card({ title, aside, children, className = '' }: Props) {
  const id = useId()
  return (
    <section
      aria-labelledby={title && id}
      className={`min-w-0 rounded-xl border border-line bg-surface p-5 sm:p-6 ${className}`}
    >
      {title && (
        <div className="mb-4 flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
          <h2 id={id} className="text-lg">
            {title}
          </h2>
          {aside}
        </div>
      )}
      {children}
    </section>
  )
}
