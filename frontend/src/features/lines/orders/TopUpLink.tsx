import { Anchor } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useTenant } from '@/api/session'

/** Where the balance is topped up. */
export function TopUpLink() {
  const { t } = useTranslation('lines')
  const { path } = useTenant()
  return (
    <Anchor component={Link} to={path('billing')} size="sm">
      {t('topUp')}
    </Anchor>
  )
}
