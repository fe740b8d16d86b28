import type { ComponentProps } from 'react'

/** Visual weight of a button. A page has at most one `primary` button. */
export type ButtonKind = 'primary' | 'secondary' | 'quiet'

const base =
  'inline-flex min-h-11 items-center justify-center gap-2 rounded-lg px-4 py-2 text-center text-sm font-medium ' +
  'cursor-pointer transition-colors aria-disabled:cursor-default aria-disabled:opacity-70'

const kinds: Record<ButtonKind, string> = {
  primary: 'bg-ink text-on-ink hover:bg-ink-hover',
  secondary: 'border border-line-strong/60 bg-surface text-ink hover:bg-sunken',
  quiet: 'text-quiet hover:bg-sunken hover:text-ink',
}

/** Button styles, for links that look like buttons. */
export const buttonClass = (kind: ButtonKind = 'primary', more = ''): string =>
  `${base} ${kinds[kind]} ${more}`

export function Button({
  kind = 'primary',
  className = '',
  ...props
}: ComponentProps<'button'> & { kind?: ButtonKind }) {
  return <button type="button" className={buttonClass(kind, className)} {...props} />
}

/** Styles of a link in running text. */
export const linkClass =
  'text-link underline decoration-1 underline-offset-3 hover:decoration-2 rounded-xs'
