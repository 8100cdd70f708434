/** Pages of a person that belong to no workspace. */
import { Anchor, Box, Group } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useMe } from '@/api/session'
import { Mark } from '@/components/Mark'
import classes from './Frame.module.css'

export function Frame({ children }: { children: ReactNode }) {
  const { t } = useTranslation('accounts')
  const { data: me } = useMe()
  return (
    <>
      <header className={classes.head}>
        <Mark />
        {me && me.memberships.length > 0 && (
          <Anchor component={Link} to="/" size="sm">
            <Group gap={4} component="span" wrap="nowrap">
              <IconArrowLeft size={14} aria-hidden />
              {t('toWorkspaces')}
            </Group>
          </Anchor>
        )}
      </header>
      <Box maw={960} mx="auto" px="md" py="xl">
        {children}
      </Box>
    </>
  )
}
