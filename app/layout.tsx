import type { Metadata } from 'next'
import { connection } from 'next/server'
import type { ReactNode } from 'react'
import { CarryOver } from '@/app/seam'
import { config } from '@/lib/config'
import './globals.css'

const title = 'Cutover: move to Stytch, with nobody logged out'
const description = 'Moves a live product to Stytch with nobody logged out.'

export async function generateMetadata(): Promise<Metadata> {
  // The address of the app is known only at run time, because one build serves every deployment.
  await connection()
  return {
    metadataBase: new URL(config().appBaseUrl),
    title: { default: title, template: '%s · Cutover' },
    description,
    icons: {
      icon: [
        { url: '/icon.svg', type: 'image/svg+xml' },
        { url: '/favicon.ico', sizes: '32x32' },
      ],
      apple: '/apple-touch-icon.png',
    },
    openGraph: {
      title,
      description,
      images: [{ url: '/social.png', width: 1200, height: 630, alt: title }],
    },
    twitter: { card: 'summary_large_image' },
  }
}

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        {children}
        <CarryOver />
      </body>
    </html>
  )
}
