/** The secret that requests to the number check are signed with: made anew, shown once. */
import { Button, Stack, Text } from '@mantine/core'
import { IconKey } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { confirmDanger, failed } from '@/components/forms'
import { SecretOnce } from '@/components/Secret'

export function CheckSecret({ campaign }: { campaign: string }) {
  const { t } = useTranslation('campaigns')
  const roll = $api.useMutation('post', '/api/v1/campaigns/{id}/number-check/secret', { onError: failed })
  const ask = () =>
    confirmDanger({
      title: t('secret.askTitle'),
      text: t('secret.askText'),
      confirm: t('secret.make'),
      cancel: t('cancel'),
      onConfirm: () => roll.mutate({ params: { path: { id: campaign } } }),
    })
  return (
    <Stack gap="xs" align="flex-start">
      <Text size="sm">{t('secret.text')}</Text>
      {roll.data && <SecretOnce value={roll.data.secret} />}
      <Button
        variant="default"
        size="xs"
        leftSection={<IconKey size={14} />}
        loading={roll.isPending}
        onClick={ask}
      >
        {t('secret.make')}
      </Button>
    </Stack>
  )
}
