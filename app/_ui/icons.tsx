import type { ReactNode } from 'react'

type Props = { className?: string }

/** Icons are hidden from screen readers, so each one needs text beside it. */
const Icon = ({ className, children }: Props & { children: ReactNode }) => (
  <svg
    viewBox="0 0 20 20"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.6"
    strokeLinecap="round"
    strokeLinejoin="round"
    aria-hidden="true"
    className={className}
  >
    {children}
  </svg>
)

export const InfoIcon = ({ className = 'size-5' }: Props) => (
  <Icon className={className}>
    <circle cx="10" cy="10" r="7.25" />
    <path d="M10 9.25v4M10 6.5v.1" />
  </Icon>
)

export const WarnIcon = ({ className = 'size-5' }: Props) => (
  <Icon className={className}>
    <path d="M10 3.25 17.5 16.25h-15L10 3.25ZM10 8.25v3.5M10 13.9v.1" />
  </Icon>
)

export const ProblemIcon = ({ className = 'size-5' }: Props) => (
  <Icon className={className}>
    <path d="M7 2.75h6L17.25 7v6L13 17.25H7L2.75 13V7L7 2.75ZM10 6.5v4M10 13.4v.1" />
  </Icon>
)

export const SuccessIcon = ({ className = 'size-5' }: Props) => (
  <Icon className={className}>
    <circle cx="10" cy="10" r="7.25" />
    <path d="m6.75 10.25 2.25 2.25 4.25-4.75" />
  </Icon>
)

export const ChevronIcon = ({ className = 'size-4' }: Props) => (
  <Icon className={className}>
    <path d="m5.5 12.5 4.5-4.5 4.5 4.5" />
  </Icon>
)

export const TrashIcon = ({ className = 'size-4' }: Props) => (
  <Icon className={className}>
    <path d="M4 5.75h12M8 5.5V3.75h4V5.5M5.5 5.75l.75 10.5h7.5l.75-10.5M8.5 9v4M11.5 9v4" />
  </Icon>
)

export const MailIcon = ({ className = 'size-5' }: Props) => (
  <Icon className={className}>
    <rect x="2.75" y="4.5" width="14.5" height="11" rx="1.75" />
    <path d="m3.25 5.5 6.75 5.25 6.75-5.25" />
  </Icon>
)
