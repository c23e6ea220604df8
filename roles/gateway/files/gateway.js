// A presigned URL is a secret: the log gets the names of its query parameters, not their values.
function queryNames(r) {
    return Object.keys(r.args).join('&');
}

// What the archived server believes although nobody has signed it (SECURITY.md). No client needs any of these.
const FORMS = [
    {
        // CVE-2026-40344: the parts of an archive are written without a look at the signature.
        why: 'archives are not extracted here',
        is: request => 'x-amz-meta-snowball-auto-extract' in request.headers,
    },
    {
        // CVE-2026-41145: with credentials in the query only, an unsigned stream is not checked at all.
        why: 'a stream with an unsigned trailer needs an Authorization header',
        is: request => /STREAMING-UNSIGNED/i.test(request.headers['x-amz-content-sha256'])
            && !request.headers.authorization,
    },
    {
        // CVE-2026-97731: whoever may write by a URL would read what its signer may read.
        why: 'x-amz-copy-source is not signed',
        is: request => 'x-amz-copy-source' in request.headers && !signs(request, 'x-amz-copy-source'),
    },
    {
        // CVE-2026-34204: how clusters replicate to each other, which no client does.
        why: 'headers of replication are not for clients',
        is: request => Object.keys(request.headers).some(name => /^x-minio-(source|replication|internal)-/.test(name)),
    },
];

// Whether the signature covers a header. In the query it is V4's or V2's; V2 covers every x-amz- header by itself.
function signs(request, name) {
    const authorization = request.headers.authorization || '';
    const inQuery = request.query['x-amz-signedheaders'];
    // Given twice, one of them may be for the server and one for us.
    const signed = inQuery === undefined ? authorization : String(inQuery);
    if (!/SignedHeaders=/.test(authorization) && inQuery === undefined) {
        return !('x-amz-signature' in request.query);
    }
    return signed.toLowerCase().split(/[;,=\s]/).includes(name) && !Array.isArray(inQuery);
}

// Why a request is refused; empty for all others.
function forged(r) {
    const request = { headers: lowered(r.headersIn), query: lowered(r.args) };
    const form = FORMS.find(each => each.is(request));
    return form ? form.why : '';
}

function lowered(given) {
    const found = {};
    for (const name in given) {
        found[name.toLowerCase()] = given[name];
    }
    return found;
}

export default { queryNames, forged };
