/** What to expect, for somebody who comes back from the payment provider's page. */
import { Alert } from '@mantine/core'
import { IconCheck, IconInfoCircle } from '@tabler/icons-react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { cameFrom } from './back'

/** `plan`: what was paid is a plan, not credit. */
export function Back({ plan = false }: { plan?: boolean }) {
  const { t } = useTranslation(['billing', 'common'])
  const search: Record<string, unknown> = useSearch({ strict: false })
  const navigate = useNavigate()
  const came = cameFrom(search)
  if (!came) return null
  const { tab } = search
  const good = came.endsWith('1')
  return (
    <Alert
      color={good ? 'petrol' : 'gray'}
      icon={good ? <IconCheck size={18} /> : <IconInfoCircle size={18} />}
      title={t(`back.${came}Title`)}
      role="status"
      withCloseButton
      closeButtonLabel={t('common:close')}
      onClose={() => void navigate({ to: '.', search: { tab } as never, replace: true, resetScroll: false })}
    >
      {t(plan && came === 'paid1' ? 'back.plan1' : `back.${came}`)}
    </Alert>
  )
}
