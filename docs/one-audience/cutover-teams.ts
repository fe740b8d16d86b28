/** The product has no teams, so each request addresses the consumers. */
import type { NextRequest, NextResponse } from 'next/server'
import type { Addressee } from './routing/assess'

export const hostRoute = (_: NextRequest): NextResponse | null => null

export const isTeamCallback = (_: string): boolean => false

export const teamLogin = async (_: NextRequest): Promise<NextResponse | null> => null

export const addresseeOf = (_: NextRequest): Addressee => ({})
