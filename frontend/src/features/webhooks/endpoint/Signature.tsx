/** How an endpoint's messages are signed: its secret, which is changed here, and how to verify. */
import { Button, Stack, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconRefresh } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { May } from '@/api/session'
import { RotateSecret } from '../secret/RotateSecret'
import { Verify } from '../secret/Verify'

export function Signature({ endpoint }: { endpoint: string }) {
  const { t } = useTranslation('webhooks')
  const [rotating, rotate] = useDisclosure()
  return (
    <Stack gap="xl" maw={820}>
      <Stack gap="xs" align="flex-start">
        <Title order={2} size="h3">
          {t('secretTitle')}
        </Title>
        <Text size="sm">{t('secretText')}</Text>
        <May permission="webhooks.write">
          <Button variant="default" leftSection={<IconRefresh size={16} />} onClick={rotate.open}>
            {t('rotateTitle')}
          </Button>
        </May>
      </Stack>
      <Verify />
      <RotateSecret of={{ endpoint }} opened={rotating} onClose={rotate.close} />
    </Stack>
  )
}
