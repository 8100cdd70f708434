import { Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconUserPlus } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { May } from '@/api/session'
import { Page } from '@/components/Page'
import { Invitations } from './Invitations'
import { InviteDialog } from './InviteDialog'
import { Members } from './Members'
import { RolesTable } from './RolesTable'

export function TeamPage() {
  const { t } = useTranslation('workspace')
  const [opened, { open, close }] = useDisclosure()
  return (
    <Page
      title={t('teamTitle')}
      lead={t('teamLead')}
      actions={
        <May permission="team.write">
          <Button leftSection={<IconUserPlus size={16} />} onClick={open}>
            {t('invite')}
          </Button>
        </May>
      }
    >
      <Members />
      <Invitations />
      <RolesTable />
      <InviteDialog opened={opened} onClose={close} />
    </Page>
  )
}
