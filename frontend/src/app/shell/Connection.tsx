/** A line at the top while the server cannot be reached. It goes by itself. */
import { IconCloudOff } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { connected, onConnection } from '@/api/connection'
import classes from './Connection.module.css'

export function Connection() {
  const { t } = useTranslation('shell')
  const client = useQueryClient()
  const up = useSyncExternalStore(onConnection, connected)
  useEffect(() => {
    if (up) void client.refetchQueries({ type: 'active', predicate: ({ state }) => state.status === 'error' })
  }, [up, client])
  return (
    // Always there: programs that read pages aloud hear what appears in it.
    <div role="status" className={classes.place}>
      {!up && (
        <p className={classes.bar}>
          <IconCloudOff size={16} aria-hidden />
          {t('offline')}
        </p>
      )}
    </div>
  )
}
