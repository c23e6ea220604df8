// A presigned URL is a secret: the log gets the names of its query parameters, not their values.
function queryNames(r) {
    return Object.keys(r.args).join('&');
}

export default { queryNames };
