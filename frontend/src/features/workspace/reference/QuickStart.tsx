/** The first requests of a program, with the addresses of this installation. */
import { Tabs } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { useTenant } from '@/api/session'
import { CodeBlock } from '@/components/CodeBlock'

const KEY = 'tl_live_…'

const curl = (base: string, agent: string) => `export KEY=${KEY}

# The agents of the workspace
curl -H "Authorization: Bearer $KEY" ${base}/agents

# A call
curl -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \\
     -H "Idempotency-Key: $(uuidgen)" \\
     -d '{"agent": "${agent}", "to_number": "+12025550100"}' ${base}/calls`

const python = (base: string, agent: string) => `import json, urllib.request, uuid

KEY = "${KEY}"

def ask(method, path, body=None):
    request = urllib.request.Request(
        "${base}" + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {KEY}",
            "Content-Type": "application/json",
            "Idempotency-Key": str(uuid.uuid4()),
        },
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)

for agent in ask("GET", "/agents")["results"]:
    print(agent["id"], agent["name"])

call = ask("POST", "/calls", {"agent": "${agent}", "to_number": "+12025550100"})
print(call["id"], call["state"])`

export function QuickStart() {
  const { t } = useTranslation('workspace')
  const { may } = useTenant()
  const { data } = $api.useQuery(
    'get',
    '/api/v1/agents',
    { params: { query: { limit: 1 } } },
    { enabled: may('agents.read') },
  )
  const agent = data?.results[0]?.id ?? 'agt_…'
  const base = `${window.location.origin}/api/v1`
  return (
    <Tabs defaultValue="curl">
      <Tabs.List>
        <Tabs.Tab value="curl">{t('refCurl')}</Tabs.Tab>
        <Tabs.Tab value="python">{t('refPython')}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="curl" pt="sm">
        <CodeBlock text={curl(base, agent)} />
      </Tabs.Panel>
      <Tabs.Panel value="python" pt="sm">
        <CodeBlock text={python(base, agent)} />
      </Tabs.Panel>
    </Tabs>
  )
}
