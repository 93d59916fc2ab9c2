# The container's end of the egress channel, put before supervisor.pl. It listens on loopback and
# passes bytes on as frames; where they may go is decided in front, and by nobody here.
#
#   out  n new connection: id, port   in  l listen no more
#   both d id, bytes   w id, room for so many bytes more   q id, nothing more comes   x id, gone
#
# Each end sends as much as the other has room for, so neither buffers without bound. Each end says
# x once for every connection, and forgets it when it has heard the other's.
use strict;

# As in front/egress-channel.ts.
my $egress_window = 65536;
my $egress_max = 32;
# That wait in the kernel for one of these.
my $egress_backlog = 256;
# More is asked for in pieces of this size.
my $egress_step = 16384;
# AF_INET, SOCK_STREAM, F_GETFL, F_SETFL, O_NONBLOCK, EAGAIN: the same on x86 and ARM, and no module.
my ($inet, $stream, $getfl, $setfl, $nonblock, $again) = (2, 1, 3, 4, 2048, 11);
my (%listeners, %links);
my $last_link = 0;
my $small_reads = 0;

sub unblock { fcntl $_[0], $setfl, fcntl($_[0], $getfl, 0) | $nonblock }

# False when a port cannot be listened on.
sub egress_listen {
  for my $port (@_) {
    socket my $socket, $inet, $stream, 0 or return 0;
    bind $socket, pack('S n a4 x8', $inet, $port, "\x7f\0\0\1") or return 0;
    listen $socket, $egress_backlog or return 0;
    unblock($socket);
    $listeners{$port} = $socket;
  }
  return 1;
}

sub egress_deaf {
  close $_ for values %listeners;
  %listeners = ();
}

sub egress_stop {
  egress_deaf();
  for (values %links) { close $_->{socket} if $_->{socket} }
  %links = ();
}

# Adds what is worth waiting for to the sets of a select.
sub egress_wait {
  my ($read, $write) = @_;
  if (keys %links < $egress_max) { vec($$read, fileno $_, 1) = 1 for values %listeners }
  for my $link (values %links) {
    my $socket = $link->{socket} or next;
    vec($$read, fileno $socket, 1) = 1 if !$link->{is_read} && $link->{credit} > 0;
    vec($$write, fileno $socket, 1) = 1 if length $link->{out};
  }
}

sub egress_gone {
  my ($id) = @_;
  close $links{$id}{socket};
  $links{$id}{socket} = undef;
  put('x', pack 'N', $id);
}

# Both directions have come to their end.
sub egress_settle {
  my ($id) = @_;
  my $link = $links{$id};
  if ($link->{ends} && !length $link->{out} && !$link->{is_written}) {
    shutdown $link->{socket}, 1;
    $link->{is_written} = 1;
  }
  egress_gone($id) if $link->{is_written} && $link->{is_read};
}

sub egress_flush {
  my ($id) = @_;
  my $link = $links{$id};
  local $SIG{PIPE} = 'IGNORE';
  while (length $link->{out}) {
    my $n = syswrite $link->{socket}, $link->{out};
    if (!defined $n) {
      last if $! == $again;
      return egress_gone($id);
    }
    substr($link->{out}, 0, $n) = '';
    $link->{owed} += $n;
  }
  if ($link->{owed} >= $egress_step) {
    put('w', pack 'NN', $id, $link->{owed});
    $link->{owed} = 0;
  }
  egress_settle($id);
}

sub egress_read {
  my ($id) = @_;
  my $link = $links{$id};
  my $want = $link->{credit} < 32768 ? $link->{credit} : 32768;
  my $n = sysread $link->{socket}, my $data, $want;
  if (!defined $n) { return $! == $again ? undef : egress_gone($id) }
  if ($n == 0) {
    $link->{is_read} = 1;
    put('q', pack 'N', $id);
    return egress_settle($id);
  }
  $link->{credit} -= $n;
  put('d', pack('N', $id) . $data);
  # As for output: what writes byte by byte costs others more than itself.
  select undef, undef, undef, 0.004 if $n < 1024 && ++$small_reads > 1000;
}

# Acts on the sets that a select left.
sub egress_run {
  my ($read, $write) = @_;
  for my $port (keys %listeners) {
    next unless vec $read, fileno $listeners{$port}, 1;
    accept my $socket, $listeners{$port} or next;
    unblock($socket);
    $links{++$last_link} = { socket => $socket, credit => $egress_window, out => '', owed => 0 };
    put('n', pack 'Nn', $last_link, $port);
  }
  for my $id (keys %links) {
    my $socket = $links{$id}{socket} or next;
    my $is_ready = vec $read, fileno $socket, 1;
    egress_flush($id) if vec $write, fileno $socket, 1;
    egress_read($id) if $is_ready && $links{$id}{socket};
  }
}

# A frame from front.
sub egress_frame {
  my ($type, $payload) = @_;
  return egress_deaf() if $type eq 'l';
  return unless $type =~ /^[dwqx]$/;
  my ($id, $rest) = unpack 'N a*', $payload;
  my $link = $links{$id} or return;
  if ($type eq 'x') {
    egress_gone($id) if $link->{socket};
    delete $links{$id};
    return;
  }
  return unless $link->{socket};
  if ($type eq 'd') { $link->{out} .= $rest }
  elsif ($type eq 'w') { $link->{credit} += unpack 'N', $rest }
  elsif ($type eq 'q') { $link->{ends} = 1 }
  egress_flush($id);
}
