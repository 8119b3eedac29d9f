export interface AuditVerdict {
  readonly outcome: 'clean' | 'vulnerable' | 'unknown';
  readonly text: string;
}

interface AuditReport {
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string; readonly range: string }>>;
  readonly metadata?: { readonly dependencies?: { readonly total?: number } };
  readonly message?: string;
}

/**
 * The verdict of a JSON report of npm-audit(1). Without a list of vulnerabilities nothing was checked.
 *
 * @param json the output of npm
 */
export function judgeAudit(json: string): AuditVerdict {
  const { vulnerabilities, metadata, message } = parse(json);
  if (!vulnerabilities)
    return {
      outcome: 'unknown',
      text: `NOT CHECKED: the vulnerability database gave no answer (${message ?? 'npm audit printed no report'})`,
    };
  const found = Object.entries(vulnerabilities);
  if (found.length === 0)
    return {
      outcome: 'clean',
      text: `no known vulnerabilities in ${metadata?.dependencies?.total ?? 'the'} packages`,
    };
  const lines = found.map(([name, { severity, range }]) => `${severity}: ${name} ${range}`);
  return { outcome: 'vulnerable', text: lines.join('\n') };
}

function parse(json: string): AuditReport {
  try {
    return JSON.parse(json) as AuditReport;
  } catch {
    return {};
  }
}
