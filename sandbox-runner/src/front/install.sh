# Installs packages, as root in a build's container, and says which versions came of it. Nothing that
# pip and npm bring is run: wheels only, no scripts. What apt brings runs its maintainers' scripts.
#
#   arguments   manager name version, for each package; the version may be empty
#   stdin       certificates to trust, or nothing
#   stdout      manager, name and version of each, tabs between
#   stderr      what the managers say
set -euo pipefail
# The results' way out is nobody else's.
exec 3>&1 1>&2
umask 022
cd /

readonly npm_version=10.9.4
readonly npm_sha512=3a7506f37e85c1ba1021baad79f0cd9724748131f321fc117c4dc3ba235ec01be7327584a41d15117c01945560aa9373220628fcc1e1dddd877a5fe9b336a900

die() { printf 'E: %s\n' "$*"; exit 1; }

# Without /usr/local, where npm and pip put programs of any name: `jq` or `python3` would be theirs.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/tmp/home LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
mkdir -p "$HOME"
ca=/etc/ssl/certs/ca-certificates.crt
cat >/tmp/ca.pem
[[ ! -s /tmp/ca.pem ]] || ca=/tmp/ca.pem

apt=() apt_specs=() pip=() pip_specs=() npm=() npm_specs=()
while (($# >= 3)); do
  case $1 in
    apt) apt+=("$2") apt_specs+=("$2${3:+=$3}") ;;
    pip) pip+=("$2") pip_specs+=("$2${3:+==$3}") ;;
    npm) npm+=("$2") npm_specs+=("$2@${3:-latest}") ;;
  esac
  shift 3
done
# What the others need to be installed, and to run.
((${#pip[@]} == 0)) || apt_specs+=(python3-pip)
((${#npm[@]} == 0)) || apt_specs+=(nodejs)

# The operator's sources are used from here and stay out of the image.
printf '%s\n' "$BUILD_APT" >/tmp/sources.list
# Without patterns a name is a name: `a.c` would be a regular expression.
run_apt() {
  apt-get "$1" -y -q --no-install-recommends \
    -o Dir::Etc::sourcelist=/tmp/sources.list -o Dir::Etc::sourceparts=- \
    -o APT::Sandbox::User=root -o APT::Cmd::Pattern-Only=true -o Acquire::Retries=2 \
    -o Acquire::https::CAInfo="$ca" -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io \
    -o 'Dpkg::Options::=--path-exclude=/usr/share/doc/*' \
    -o 'Dpkg::Options::=--path-exclude=/usr/share/man/*' \
    -o 'Dpkg::Options::=--path-exclude=/usr/share/locale/*' \
    -- "${@:2}" </dev/null 3>&-
}
# No service is started in here.
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
run_apt update
run_apt install "${apt_specs[@]}"

for name in "${apt[@]}"; do
  state=$(dpkg-query -W -f '${db:Status-Status} ${Version}' -- "$name")
  [[ $state == 'installed '* ]] || die "$name is not installed"
  printf 'apt\t%s\t%s\n' "$name" "${state#installed }" >&3
done

if ((${#npm[@]} > 0)); then
  # npm as its registry has it, for this build alone: Debian's brings four hundred packages.
  curl -fsSL --cacert "$ca" --max-filesize 20000000 --output /tmp/npm.tgz \
    "$BUILD_NPM/npm/-/npm-$npm_version.tgz" 3>&-
  sha512sum --check --quiet <<<"$npm_sha512  /tmp/npm.tgz" || die 'npm is not the one that is expected'
  mkdir /tmp/npm
  tar --extract --gzip --file=/tmp/npm.tgz --directory=/tmp/npm --strip-components=1 --no-same-owner
  node /tmp/npm/bin/npm-cli.js install --global --prefix=/usr/local --ignore-scripts --git=/bin/false \
    --registry="$BUILD_NPM/" --cafile="$ca" --cache=/tmp/npm-cache --userconfig=/tmp/none \
    --globalconfig=/tmp/none-either --no-audit --no-fund --no-update-notifier --no-progress \
    --loglevel=error -- "${npm_specs[@]}" </dev/null 3>&-
  for name in "${npm[@]}"; do
    version=$(jq --raw-output .version "/usr/local/lib/node_modules/$name/package.json")
    printf 'npm\t%s\t%s\n' "$name" "$version" >&3
  done
fi

if ((${#pip[@]} > 0)); then
  # Last, and the only thing that runs Python as it is set up: a package's .pth file would run with it.
  trusted=()
  [[ $BUILD_PIP != http:* ]] || trusted=(--trusted-host "$(cut -d/ -f3 <<<"$BUILD_PIP")")
  python3 -I -m pip --isolated install --break-system-packages --only-binary :all: --no-input \
    --no-cache-dir --disable-pip-version-check --root-user-action ignore --progress-bar off \
    --cert "$ca" --index-url "$BUILD_PIP" "${trusted[@]}" -- "${pip_specs[@]}" </dev/null 3>&-
  python3 -I -S - "${pip[@]}" >&3 <<'END'
import glob, re, sys
from importlib.metadata import distributions
folders = glob.glob('/usr/local/lib/python3*/dist-packages') + ['/usr/lib/python3/dist-packages']
found = {}
for one in distributions(path=folders):
    found.setdefault(re.sub('[-_.]+', '-', one.metadata['Name'] or '').lower(), one.version)
for name in sys.argv[1:]:
    print('pip', name, found[name], sep='\t')
END
fi
