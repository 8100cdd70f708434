import { Button } from '@mantine/core'
import { IconRocket } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { May, useTenant } from '@/api/session'
import { Empty } from '@/components/states'

/** What a tenant sees that has neither agent nor call. */
export function Welcome() {
  const { t } = useTranslation('home')
  const { path } = useTenant()
  return (
    <Empty
      icon={IconRocket}
      title={t('newTitle')}
      text={t('newText')}
      action={
        <May permission="agents.write">
          <Button component={Link} to={path('start')} size="md">
            {t('newStart')}
          </Button>
        </May>
      }
    />
  )
}
