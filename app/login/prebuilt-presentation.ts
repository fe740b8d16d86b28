import type { PresentationConfig } from '@stytch/nextjs'

/** Maps the SDK's theme to the CSS variables of this app. */
const theme = {
  'font-family': 'var(--font-sans)',
  'font-family-mono': 'var(--font-mono)',
  'container-width': '100%',
  'container-border': 'transparent',
  'container-radius': '0',
  'button-radius': '0.5rem',
  'input-radius': '0.5rem',
  background: 'transparent',
  foreground: 'var(--ink)',
  primary: 'var(--ink)',
  'primary-foreground': 'var(--on-ink)',
  secondary: 'var(--sunken)',
  'secondary-foreground': 'var(--ink)',
  muted: 'var(--sunken)',
  'muted-foreground': 'var(--quiet)',
  accent: 'var(--sunken)',
  'accent-foreground': 'var(--ink)',
  border: 'var(--line)',
  input: 'var(--line-strong)',
  ring: 'var(--focus)',
  destructive: 'var(--problem)',
  warning: 'var(--warn)',
  success: 'var(--success)',
}

/** The look of Stytch's pre-built UIs. */
export const presentation: PresentationConfig = {
  theme: [
    { ...theme, 'color-scheme': 'light' },
    { ...theme, 'color-scheme': 'dark' },
  ],
  options: { hideHeaderText: true },
}
