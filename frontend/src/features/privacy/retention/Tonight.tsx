import { Text } from '@mantine/core'
import dayjs from 'dayjs'
import { useTranslation } from 'react-i18next'
import { count } from '@/components/format'
import { size } from '../size'

export interface Figures {
  rows: number
  files: number
  bytes: number
  oldest?: string | null
  held: number
}

/** What of a kind would go tonight. `figures` undefined: not known yet, or it is kept for ever. */
export function Tonight({ figures, failed }: { figures: Figures | undefined; failed: boolean }) {
  const { t } = useTranslation('privacy')
  if (failed) return <Text size="sm">{t('tonightUnknown')}</Text>
  if (!figures)
    return (
      <Text size="sm" c="dimmed">
        {t('tonightNever')}
      </Text>
    )
  const { rows, files, bytes, oldest, held } = figures
  return (
    <>
      <Text size="sm" c={rows > 0 ? undefined : 'dimmed'}>
        {rows > 0
          ? t(files > 0 ? 'tonightFiles' : 'tonightRows', {
              count: rows,
              rows: count(rows),
              files: count(files),
              size: size(bytes),
            })
          : t('tonightNothing')}
      </Text>
      {rows > 0 && oldest && (
        <Text size="xs" c="dimmed">
          {t('tonightOldest', { at: dayjs(oldest).format('D MMM YYYY') })}
        </Text>
      )}
      {held > 0 && (
        <Text size="xs" c="dimmed">
          {t('tonightHeld', { count: held, rows: count(held) })}
        </Text>
      )}
    </>
  )
}
