import { Outlet } from '@tanstack/react-router'
import { Connection } from './Connection'
import { SessionLost } from './SessionLost'

/** Around every page: what may happen on any of them. */
export function Root() {
  return (
    <>
      <Connection />
      <Outlet />
      <SessionLost />
    </>
  )
}
