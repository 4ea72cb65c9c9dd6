package io.longhaul.controlplane.vms;

import io.longhaul.api.VmsApi;
import io.longhaul.api.model.CreateVm;
import io.longhaul.api.model.Vm;
import io.longhaul.api.model.VmList;
import io.longhaul.controlplane.idempotency.IdempotencyKeys;
import io.longhaul.controlplane.problems.Cursor;
import io.longhaul.controlplane.support.Identifiers;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Limit;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RestController;

/** Requests about machines. Immutable. */
@RestController
class VmsController implements VmsApi {

    private static final String PATH = "/v1/vms/";
    private static final int CREATED = 201;

    private final VmRequests requests;
    private final VmRepository repository;
    private final Vms vms;
    private final IdempotencyKeys keys;
    private final Identifiers identifiers;

    VmsController(
            VmRequests requests, VmRepository repository, Vms vms, IdempotencyKeys keys, Identifiers identifiers) {
        this.requests = requests;
        this.repository = repository;
        this.vms = vms;
        this.keys = keys;
        this.identifiers = identifiers;
    }

    @Override
    public ResponseEntity<Vm> createVm(CreateVm createVm, @Nullable String idempotencyKey) {
        var answer = keys.once(
                "createVm",
                idempotencyKey,
                createVm,
                Vm.class,
                () -> identifiers.uuid().toString(),
                id -> {
                    Vm vm = requests.create(createVm, UUID.fromString(id));
                    return new IdempotencyKeys.Answer<>(CREATED, PATH + vm.getId(), vm);
                });
        return ResponseEntity.created(URI.create(answer.location())).body(answer.body());
    }

    @Override
    public ResponseEntity<VmList> listVms(@Nullable String host, @Nullable String cursor, Integer limit) {
        String after = cursor == null ? "" : Cursor.read(cursor);
        // One more than a page tells whether another follows.
        Limit rows = Limit.of(limit + 1);
        List<VmEntity> found = host == null
                ? repository.findByNameGreaterThanOrderByName(after, rows)
                : repository.findByHostAndNameGreaterThanOrderByName(host, after, rows);
        List<VmEntity> page = found.subList(0, Math.min(limit, found.size()));
        VmList list = new VmList(page.stream().map(vm -> vms.known(vm).shown()).toList());
        if (found.size() > limit) {
            list.nextCursor(Cursor.write(page.get(limit - 1).name()));
        }
        return ResponseEntity.ok(list);
    }

    @Override
    public ResponseEntity<Vm> getVm(String vm) {
        return ResponseEntity.ok(vms.require(vm).shown());
    }

    @Override
    public ResponseEntity<Void> deleteVm(String vm) {
        requests.delete(vm);
        return ResponseEntity.noContent().build();
    }

    @Override
    public ResponseEntity<Vm> startVm(String vm) {
        return ResponseEntity.ok(requests.start(vm));
    }

    @Override
    public ResponseEntity<Vm> stopVm(String vm, Boolean force) {
        return ResponseEntity.ok(requests.stop(vm, force));
    }

    @Override
    public ResponseEntity<String> getSerialLog(String vm, Integer tailBytes) {
        return ResponseEntity.ok()
                .contentType(new MediaType(MediaType.TEXT_PLAIN, StandardCharsets.UTF_8))
                .body(requests.serialLog(vm, tailBytes));
    }
}
