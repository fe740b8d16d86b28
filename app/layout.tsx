import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import './globals.css'

export const metadata: Metadata = {
  title: {
    default: 'Cutover: from Auth0 to Stytch, with nobody logged out',
    template: '%s · Cutover',
  },
  description: 'Moves a live product from Auth0 to Stytch with nobody logged out.',
}

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  )
}
