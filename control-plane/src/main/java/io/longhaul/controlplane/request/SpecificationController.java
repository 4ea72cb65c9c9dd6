package io.longhaul.controlplane.request;

import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Serves the public API's specification as it was written. Immutable. */
@RestController
class SpecificationController {

    private static final MediaType YAML = MediaType.parseMediaType("application/yaml");
    private final Resource specification = new ClassPathResource("openapi/longhaul.yaml");

    @GetMapping("/v1/openapi.yaml")
    ResponseEntity<Resource> specification() {
        return ResponseEntity.ok().contentType(YAML).body(specification);
    }
}
